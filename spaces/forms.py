""" "Name your Space": what the host types, checked next to the field, turned into a draft."""

import datetime as dt
import zoneinfo

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.http.text_fields import LineField
from config.limits import LIMITS
from config.rendering.durations import in_words
from spaces.choices import language_choices, offset_label, zone_choices
from spaces.models import Space
from spaces.rooms.error_texts import text_for
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.wall_clock import Occurrence, WallTime, wall_time
from spaces.services.scheduling import SpaceDraft

NOW, LATER = "now", "later"
# Next to which field a refusal of the service belongs; the rest stands above the form.
FIELD_OF = {
    ErrorCode.BAD_TITLE: "title",
    ErrorCode.BAD_TOPICS: "topics",
    ErrorCode.BAD_LANGUAGE: "language",
    ErrorCode.BAD_TIME: "date",
    ErrorCode.BAD_ZONE: "time_zone",
}
HINTS = {
    Space.SpeakRule.INVITED: _("Others can ask, you decide"),
    Space.SpeakRule.FOLLOWED: _("They take a free seat, others ask"),
    Space.SpeakRule.EVERYONE: _("Anyone takes a free seat at once"),
}


class TopicsField(forms.Field):
    """Any number of words; how many and how long is the service's rule."""

    # It reads every value of the name, as the checkboxes of the template send them.
    widget = forms.SelectMultiple

    def clean(self, value: object) -> list[str]:
        return [str(topic) for topic in value] if isinstance(value, list | tuple) else []


_NAME_IT = format_lazy(_("Give it a name, 1 to {max} characters."), max=LIMITS.space_title_chars)


class SpaceForm(forms.Form):
    title = LineField(
        label=_("Name your Space"),
        max_length=LIMITS.space_title_chars,
        error_messages={
            "required": _NAME_IT,
            "max_length": _NAME_IT,
        },
    )
    topics = TopicsField(
        label=format_lazy(_("Topics, up to {max}"), max=LIMITS.space_topics), required=False
    )
    own_topic = LineField(label=_("Another topic"), max_length=LIMITS.topic_chars, required=False)
    speak_rule = forms.ChoiceField(label=_("Who may speak"), choices=Space.SpeakRule.choices)
    video_enabled = forms.BooleanField(label=_("Enable video"), required=False)
    visitors_allowed = forms.BooleanField(label=_("Visitors may listen"), required=False)
    recording_wanted = forms.BooleanField(label=_("Record"), required=False)
    transcript_wanted = forms.BooleanField(label=_("Keep a transcript"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=language_choices)
    when = forms.ChoiceField(
        label=_("When"), choices=[(NOW, _("Start now")), (LATER, _("Schedule"))]
    )
    date = forms.DateField(label=_("Date"), required=False)
    time = forms.TimeField(label=_("Time"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices, required=False)
    fold = forms.TypedChoiceField(
        label=_("Which of the two"),
        choices=[(0, "0"), (1, "1")],
        coerce=int,
        empty_value=None,
        required=False,
    )

    def clean(self) -> dict[str, object]:
        super().clean()
        data = self.cleaned_data
        if data.get("when") != LATER:
            return data
        day = data.get("date")
        clock = data.get("time")
        if not day and "date" not in self.errors:
            self.add_error("date", gettext("Choose a day."))
        if not clock and "time" not in self.errors:
            self.add_error("time", gettext("Choose a time."))
        # A field that is wrong by itself says so already; only a whole time is judged.
        if not day or not clock or "time_zone" in self.errors or "fold" in self.errors:
            return data
        zone = data.get("time_zone") or "UTC"
        wall = WallTime(dt.datetime.combine(day, clock), zone, data.get("fold") or 0)
        is_chosen = data.get("fold") is not None
        problem = _problem_with(wall, is_fold_chosen=is_chosen)
        if problem:
            self.add_error(*problem)
        data["moment"] = wall.instant
        return data

    def which_ones(self) -> list[tuple[int, str]]:
        """Return (fold, "02:30 CEST (UTC+2)") of both where the time in the form comes twice.

        Nothing for other times.
        """
        day, clock, zone = (str(self[name].value() or "") for name in ("date", "time", "time_zone"))
        try:
            at = dt.datetime.combine(dt.date.fromisoformat(day), dt.time.fromisoformat(clock))
            first = WallTime(at, zone, fold=0)
            if first.occurrence is not Occurrence.TWICE:
                return []
        # Not filled in yet, or nonsense.
        except (ValueError, zoneinfo.ZoneInfoNotFoundError, OverflowError):
            return []
        # The letters and the offset of the clock tell the two apart.
        choices = []
        for wall in (first, WallTime(at, zone, fold=1)):
            label = offset_label(wall.zone_name, wall.offset_minutes)
            choices.append((wall.fold, f"{wall.at:%H:%M} {label}"))
        return choices

    def draft(self) -> SpaceDraft:
        """Return what the service takes. Only after `is_valid()`."""
        data = self.cleaned_data
        return SpaceDraft(
            title=data["title"],
            topics=[*data["topics"], *filter(None, [data["own_topic"]])],
            language=data["language"],
            speak_rule=data["speak_rule"],
            video_enabled=data["video_enabled"],
            visitors_allowed=data["visitors_allowed"],
            recording_wanted=data["recording_wanted"],
            transcript_wanted=data["transcript_wanted"],
        )

    def refuse(self, error: RoomError) -> None:
        """Show a refusal of the service where it belongs."""
        # A Space that starts now shows no date for a refusal to stand next to.
        field = FIELD_OF.get(error.code)
        self.add_error(
            field if field != "date" or self.cleaned_data.get("when") == LATER else None,
            text_for(error.code),
        )


def _problem_with(wall: WallTime, *, is_fold_chosen: bool) -> tuple[str, str] | None:
    """Return the field and what is wrong with it.

    The service would refuse it too, in fewer words.
    """
    now = timezone.now()
    ahead = {"ahead": in_words(LIMITS.schedule_ahead_s)}
    # By the calendar of the chosen zone: there it may be tomorrow already.
    if wall.at.date() < wall_time(now, wall.zone).at.date():
        text = gettext("That day has passed. Choose today or any day of the next %(ahead)s.")
        return "date", text % ahead
    if wall.instant <= now:
        return "time", gettext("That time has passed. Choose a later one.")
    if wall.instant > now + dt.timedelta(seconds=LIMITS.schedule_ahead_s):
        text = gettext("That is too far ahead. Choose today or any day of the next %(ahead)s.")
        return "date", text % ahead
    if wall.occurrence is Occurrence.NEVER:
        text = gettext("The clocks go forward over this time on that day. Choose another one.")
        return "time", text
    if wall.occurrence is Occurrence.TWICE and not is_fold_chosen:
        text = gettext(
            "The clocks go back on that day, so this time comes twice. Choose which one."
        )
        return "time", text
    return None


def initial_for(space: Space | None, zone: str, language: str) -> dict[str, object]:
    """Return what the form shows first: an existing Space, or the defaults of RULES §3."""
    if space is None:
        return {
            "speak_rule": Space.SpeakRule.INVITED,
            "video_enabled": True,
            "visitors_allowed": True,
            "recording_wanted": False,
            "transcript_wanted": False,
            "language": language,
            "when": NOW,
            "time_zone": zone,
            "topics": [],
        }
    initial: dict[str, object] = {
        "title": space.title,
        "topics": [topic.name for topic in space.topics.all()],
        "speak_rule": space.speak_rule,
        "video_enabled": space.video_enabled,
        "visitors_allowed": space.visitors_allowed,
        "recording_wanted": space.recording_wanted,
        "transcript_wanted": space.transcript_wanted,
        "language": space.language,
        "when": LATER,
        "date": "",
        "time": "",
        "time_zone": space.time_zone,
        "fold": space.wall_fold,
    }
    if space.scheduled_for:
        local = space.scheduled_for.astimezone(zoneinfo.ZoneInfo(space.time_zone))
        # The browser shows them in its own way, but takes only these forms (HTML, "valid date
        # string" and "valid time string").
        initial["date"] = local.date().isoformat()
        initial["time"] = local.strftime("%H:%M")
    return initial


def from_query(query: QueryDict) -> dict[str, object]:
    """Return what a link to the form may fill in (`?title=`), as the composer does."""
    title = query.get("title", "")[: LIMITS.space_title_chars]
    return {"title": title} if title else {}

"""The sentence for each refusal. A code without one is a mistake that the tests find."""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

TEXTS: dict[str, str] = {
    "bad_message": _("This message could not be read."),
    "too_large": _("This message is too large."),
    "rate_limited": _("That was too fast. Please wait a moment."),
    "not_allowed": _("Your role does not allow this."),
    "not_available": _("This Space is not available to you."),
    "not_live": _("This Space is not live."),
    "ended": _("This Space has ended."),
    "stage_full": _("Stage is full."),
    "cohosts_full": _("This Space has all the co-hosts it can have."),
    "already_on_stage": _("Already on stage."),
    "not_on_stage": _("Not on stage."),
    "already_requested": _("The request is already in line."),
    "no_request": _("There is no such request."),
    "requests_closed": _("Requests to speak are switched off."),
    "too_soon": _("Please wait a little before asking again."),
    "no_invitation": _("There is no open invitation."),
    "expired": _("This invitation has expired."),
    "not_here": _("This person is not in the room."),
    "mics_locked": _("The host has locked the microphones."),
    "video_off": _("Video is switched off in this Space."),
    "protected_account": _("A protected account cannot host a Space."),
    "already_live": _("This person already hosts a live Space."),
    "already_started": _("This Space has already started."),
    "too_early": _("It is too early to start. You can start 15 minutes before the time."),
    "bad_title": _("A title has 1 to 70 characters."),
    "bad_topics": _("Choose up to three topics of at most 30 characters."),
    "bad_language": _("This language is not known here."),
    "bad_time": _("Choose a time in the future, at most 30 days ahead."),
    "bad_zone": _("This time zone is not known."),
    "consent_needed": _("This Space is being recorded. Agree to that to come on stage."),
    "not_asked": _("Nobody has asked you whether you may be recorded."),
    "not_ready": _("The replay is not ready for this now."),
    "bad_text": _("A line has 1 to 500 characters."),
    "bad_emoji": _("This reaction is not known."),
    "bad_post": _("This post cannot be pinned."),
    "too_many": _("That is more than fits."),
    "log_in": _("Log in to do this."),
    "hand_over_first": _("Hand the Space over or end it before you leave."),
    "no_relay": _("No media server is free right now. Please try again."),
    "failed": _("Something went wrong on our side. Please try again."),
    "media_failed": _("The media connection failed. Please try again."),
}


def text_for(code: str) -> str:
    return gettext(TEXTS[code])

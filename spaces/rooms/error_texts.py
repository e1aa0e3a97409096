"""The sentence for each refusal. A code without one is a mistake that the tests find."""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from config.limits import LIMITS
from config.rendering.durations import in_words
from spaces.rooms.error_codes import ErrorCode

TEXTS: dict[ErrorCode, str] = {
    ErrorCode.BAD_MESSAGE: _("This message could not be read."),
    ErrorCode.TOO_LARGE: _("This message is too large."),
    ErrorCode.RATE_LIMITED: _("That was too fast. Please wait a moment."),
    ErrorCode.NOT_ALLOWED: _("Your role does not allow this."),
    ErrorCode.NOT_AVAILABLE: _("This Space is not available to you."),
    ErrorCode.NOT_LIVE: _("This Space is not live."),
    ErrorCode.ENDED: _("This Space has ended."),
    ErrorCode.STAGE_FULL: _("Stage is full."),
    ErrorCode.COHOSTS_FULL: _("This Space has all the co-hosts it can have."),
    ErrorCode.ALREADY_ON_STAGE: _("Already on stage."),
    ErrorCode.NOT_ON_STAGE: _("Not on stage."),
    ErrorCode.ALREADY_REQUESTED: _("The request is already in line."),
    ErrorCode.NO_REQUEST: _("There is no such request."),
    ErrorCode.REQUESTS_CLOSED: _("Requests to speak are switched off."),
    ErrorCode.TOO_SOON: _("Please wait a little before asking again."),
    ErrorCode.NO_INVITATION: _("There is no open invitation."),
    ErrorCode.EXPIRED: _("This invitation has expired."),
    ErrorCode.NOT_HERE: _("This person is not in the room."),
    ErrorCode.MICS_LOCKED: _("The host has locked the microphones."),
    ErrorCode.VIDEO_OFF: _("Video is switched off in this Space."),
    ErrorCode.PROTECTED_ACCOUNT: _("A protected account cannot host a Space."),
    ErrorCode.ALREADY_LIVE: _("This person already hosts a live Space."),
    ErrorCode.ALREADY_STARTED: _("This Space has already started."),
    ErrorCode.TOO_EARLY: _("It is too early to start. You can start %(early)s before the time."),
    ErrorCode.BAD_TITLE: _("A title has 1 to %(title_chars)d characters."),
    ErrorCode.BAD_TOPICS: _(
        "Choose at most %(topics)d topics, each of at most %(topic_chars)d characters."
    ),
    ErrorCode.BAD_LANGUAGE: _("This language is not known here."),
    ErrorCode.BAD_TIME: _("Choose a time in the future, at most %(ahead)s ahead."),
    ErrorCode.BAD_ZONE: _("This time zone is not known."),
    ErrorCode.CONSENT_NEEDED: _("This Space is being recorded. Agree to that to come on stage."),
    ErrorCode.NOT_ASKED: _("Nobody has asked you whether you may be recorded."),
    ErrorCode.NOT_READY: _("The replay is not ready for this now."),
    ErrorCode.BAD_TEXT: _("A line has 1 to %(caption_chars)d characters."),
    ErrorCode.BAD_EMOJI: _("This reaction is not known."),
    ErrorCode.BAD_POST: _("This post cannot be pinned."),
    ErrorCode.TOO_MANY: _("That is more than fits."),
    ErrorCode.LOG_IN: _("Log in to do this."),
    ErrorCode.HAND_OVER_FIRST: _("Hand the Space over or end it before you leave."),
    ErrorCode.NO_RELAY: _("No media server is free right now. Please try again."),
    ErrorCode.FAILED: _("Something went wrong on our side. Please try again."),
    ErrorCode.UNAVAILABLE: _(
        "This cannot be done right now. The sound goes on; please try again in a moment."
    ),
    ErrorCode.MEDIA_FAILED: _("The media connection failed. Please try again."),
}


def text_for(code: ErrorCode) -> str:
    """Return the sentence in the language of now, with the limits of this site in it."""
    return gettext(TEXTS[code]) % {
        "ahead": in_words(LIMITS.schedule_ahead_s),
        "caption_chars": LIMITS.caption_chars,
        "early": in_words(LIMITS.early_start_s),
        "title_chars": LIMITS.space_title_chars,
        "topic_chars": LIMITS.topic_chars,
        "topics": LIMITS.space_topics,
    }

"""The one way a room says no."""

from enum import StrEnum


class ErrorCode(StrEnum):
    """Why, as a word that stays as it is: clients decide by it. Its sentence is in `error_texts`."""

    BAD_MESSAGE = "bad_message"
    TOO_LARGE = "too_large"
    RATE_LIMITED = "rate_limited"
    NOT_ALLOWED = "not_allowed"
    NOT_AVAILABLE = "not_available"
    NOT_LIVE = "not_live"
    ENDED = "ended"
    STAGE_FULL = "stage_full"
    COHOSTS_FULL = "cohosts_full"
    ALREADY_ON_STAGE = "already_on_stage"
    NOT_ON_STAGE = "not_on_stage"
    ALREADY_REQUESTED = "already_requested"
    NO_REQUEST = "no_request"
    REQUESTS_CLOSED = "requests_closed"
    TOO_SOON = "too_soon"
    NO_INVITATION = "no_invitation"
    EXPIRED = "expired"
    NOT_HERE = "not_here"
    MICS_LOCKED = "mics_locked"
    VIDEO_OFF = "video_off"
    PROTECTED_ACCOUNT = "protected_account"
    ALREADY_LIVE = "already_live"
    ALREADY_STARTED = "already_started"
    TOO_EARLY = "too_early"
    BAD_TITLE = "bad_title"
    BAD_TOPICS = "bad_topics"
    BAD_LANGUAGE = "bad_language"
    BAD_TIME = "bad_time"
    BAD_ZONE = "bad_zone"
    CONSENT_NEEDED = "consent_needed"
    NOT_ASKED = "not_asked"
    NOT_READY = "not_ready"
    BAD_TEXT = "bad_text"
    BAD_EMOJI = "bad_emoji"
    BAD_POST = "bad_post"
    TOO_MANY = "too_many"
    LOG_IN = "log_in"
    HAND_OVER_FIRST = "hand_over_first"
    NO_RELAY = "no_relay"
    FAILED = "failed"
    MEDIA_FAILED = "media_failed"


class RoomError(Exception):
    """A refusal that a person may be told."""

    def __init__(self, code: ErrorCode) -> None:
        super().__init__(code)
        self.code = code

    @property
    def text(self) -> str:
        """The sentence for people, in the language of the moment."""
        from spaces.rooms.error_texts import text_for  # Here, so that the rules import no Django.

        return text_for(self.code)

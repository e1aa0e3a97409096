"""The one way a room says no."""

from spaces.rooms.error_codes import ErrorCode

__all__ = ["ErrorCode", "RoomError"]


class RoomError(Exception):
    """A refusal that the user may be told."""

    def __init__(self, code: ErrorCode) -> None:
        super().__init__(code)
        self.code = code

    @property
    def text(self) -> str:
        """The sentence for the user, in the language that is active."""
        from spaces.rooms.error_texts import text_for  # Here, so that the rules import no Django.

        return text_for(self.code)

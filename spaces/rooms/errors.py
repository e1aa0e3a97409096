"""The one way a room says no."""

from spaces.rooms.error_codes import ErrorCode

__all__ = ["ErrorCode", "RoomError"]


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

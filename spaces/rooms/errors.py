"""The one way a room says no."""


class RoomError(Exception):
    """A person may fix this.

    `code` is stable and listed in PROTOCOL.md; `spaces.rooms.error_texts` has the sentence.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def text(self) -> str:
        """The sentence for people, in the language of the moment."""
        from spaces.rooms.error_texts import text_for  # Here, so that the rules import no Django.

        return text_for(self.code)

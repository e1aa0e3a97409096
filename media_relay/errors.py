"""What can go wrong between the web, a peer and the relay."""


class ProtocolError(Exception):
    """A peer or the bus broke the protocol: close it and count it.

    `code` is stable, `text` is for the log.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text

"""One log for all processes: each line carries the name of the one that wrote it."""

from typing import TextIO

_COLOURS = (36, 33, 32, 35, 34, 31)  # ANSI foreground colours, handed out in order of appearance.
_NAME_WIDTH = 7


class LogWriter:
    """Writes prefixed lines to one stream, in colour if a person watches."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._colours: dict[str, int] | None = {} if stream.isatty() else None

    def line(self, name: str, text: str) -> None:
        """Write one line of process `name`. A reader that went away is no reason to stop serving."""
        try:
            self._stream.write(f"{self._prefix(name)} {text}\n")
            self._stream.flush()
        except (BrokenPipeError, ValueError):
            pass

    def _prefix(self, name: str) -> str:
        label = f"{name:<{_NAME_WIDTH}} |"
        if self._colours is None:
            return label
        colour = self._colours.setdefault(name, _COLOURS[len(self._colours) % len(_COLOURS)])
        return f"\x1b[{colour}m{label}\x1b[0m"

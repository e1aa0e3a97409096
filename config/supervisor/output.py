"""One log for all processes: each line carries the name of the one that wrote it."""

from typing import TextIO

_COLOURS = (36, 33, 32, 35, 34, 31)  # ANSI foreground colours, handed out in order of appearance.
_NAME_WIDTH = 7


class LogWriter:
    """Writes prefixed lines to one stream, in colour if it is a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._colours: dict[str, int] | None = {} if stream.isatty() else None

    def line(self, name: str, text: str) -> None:
        """Write one line of process `name`."""
        label = f"{name:<{_NAME_WIDTH}} |"
        if self._colours is not None:
            colour = self._colours.setdefault(name, _COLOURS[len(self._colours) % len(_COLOURS)])
            label = f"\x1b[{colour}m{label}\x1b[0m"
        try:
            self._stream.write(f"{label} {text}\n")
            self._stream.flush()
        except (BrokenPipeError, ValueError):
            pass  # A reader of the log that went away is no reason to stop serving.

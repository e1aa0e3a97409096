"""One style sheet for every page: `css/site.css` with its imports replaced by what they import.

In the sources each component has a file of its own. A browser would ask for each of them, and only
after it has read the list, so the list is never served as it stands.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from config.env import ROOT

NAME = "css/site.css"
SOURCE = ROOT / "static" / NAME
IMPORT = re.compile(r'^@import url\("([\w/.]+)"\);$', re.MULTILINE)


def parts() -> list[Path]:
    """Return the imported files in the order of the cascade."""
    return [SOURCE.parent / name for name in IMPORT.findall(SOURCE.read_text())]


def join() -> str:
    """Return the whole style sheet.

    Raises FileNotFoundError if it imports a file that is not there.
    """
    return "\n".join(path.read_text() for path in parts())


class StyleSheetFinder(BaseFinder):
    """Finds the joined style sheet before other finders find the list of imports."""

    def __init__(self, app_names: object = None, *args: object, **kwargs: object) -> None:
        # The folder of what is made from sources and may be deleted at any time.
        self._storage = FileSystemStorage(location=settings.DATA_DIR / "made")
        super().__init__()

    def check(self, **kwargs: object) -> list[Any]:  # Any: Django's messages; there are none.
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: object) -> Any:
        """Return the path of the style sheet, or [] for any other file, as Django asks for."""
        if path != NAME:
            return []
        found = self._refresh()
        return [found] if find_all else found

    def list(
        self, ignore_patterns: Iterable[str] | None
    ) -> Iterator[tuple[str, FileSystemStorage]]:
        self._refresh()
        yield NAME, self._storage

    def _refresh(self) -> str:
        """Write the style sheet if a source is newer, and return its path."""
        joined = Path(self._storage.path(NAME))
        newest = max(path.stat().st_mtime_ns for path in [SOURCE, *parts()])
        if joined.exists() and joined.stat().st_mtime_ns == newest:
            return str(joined)
        joined.parent.mkdir(parents=True, exist_ok=True)
        # Under a name of this process, then moved: another one may read it at this moment.
        draft = joined.with_suffix(f".{os.getpid()}")
        draft.write_text(join())
        # The time of the newest source: also a source that was set back makes it anew.
        os.utime(draft, ns=(newest, newest))
        draft.replace(joined)
        return str(joined)

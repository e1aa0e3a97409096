"""Folders in /tmp of what a test or a bench starts. They go with the program, however that ends.

Not pytest's `tmp_path`, because a socket's path must stay under 108 bytes (unix(7)) and the benches
have no pytest.
"""

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path


def temporary_folder(name: str) -> Path:
    """Return a new folder `parley-<name>-<pid>-…` that is removed when this program ends, if not
    before.
    """
    _sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=f"parley-{name}-{os.getpid()}-"))
    atexit.register(_remove, folder, os.getpid())
    return folder


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # A forked child ends before the folder's owner does.
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _sweep(base: Path) -> None:
    """Remove, once in a program, what programs that were killed have left."""
    for folder in base.glob("parley-*-*-*"):
        pid = folder.name.split("-")[2]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(folder, ignore_errors=True)

"""Which processes of this machine belong to one run of the product: they carry its `DATA_DIR` in
their environment.
"""

import os
from pathlib import Path


def of_data_dir(data_dir: Path) -> dict[int, str]:
    """Return pid -> command line of every living process that was started with this data folder."""
    mark = f"DATA_DIR={data_dir}".encode()
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found[int(entry.name)] = (
                    (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
                )
        except OSError:
            continue  # It ended while we looked, or belongs to somebody else.
    # A zombie has no command line.
    return {pid: command for pid, command in found.items() if command}

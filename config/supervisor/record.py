"""`run.json` in the data folder: what runs where.

Tests and tools read it; it is gone when Parley is stopped.
"""

import json
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class RunRecord:
    """Addresses and process ids of this run. `ready` is true once all of them serve."""

    url: str
    redis_url: str
    metrics_url: str
    data_dir: str
    runtime_dir: str
    ready: bool = False
    pids: dict[str, int] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return Path(self.data_dir) / "run.json"

    def save(self) -> None:
        self.write_to(self.path)

    def write_to(self, path: Path) -> None:
        """Write in one step, so that a reader never sees half a file."""
        draft = path.with_name(f".{path.name}.part")
        draft.write_text(json.dumps(asdict(self), indent=2) + "\n")
        draft.rename(path)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        _remove_runtime_dir(self.runtime_dir)


def clean_after_crash(data_dir: Path) -> None:
    """Remove the socket folder of a run that was killed. Call it only while holding the lock."""
    path = data_dir / "run.json"
    try:
        left = json.loads(path.read_text())["runtime_dir"]
    except (OSError, ValueError, KeyError, TypeError):
        return  # No earlier run, or a file that is not ours to judge.
    _remove_runtime_dir(str(left))
    path.unlink(missing_ok=True)


def _remove_runtime_dir(path: str) -> None:
    """Remove our socket folder and nothing else, whatever a damaged run.json names."""
    if Path(path).name.startswith("parley-"):
        shutil.rmtree(path, ignore_errors=True)

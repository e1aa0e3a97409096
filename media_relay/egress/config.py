"""What egress reads from its environment; nothing else of it does."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from media_relay.config import ConfigError

# More than cores help nobody; one of two cores is left to the relay for most of the time.
CAPTION_PROCESSES = 2
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class EgressConfig:
    """`caption_model` names a folder with a Whisper model, or is "" for the engine that comes with
    Parley.
    """

    egress: str
    redis_url: str
    data_dir: Path
    caption_model: str
    caption_processes: int
    log_level: str

    @property
    def recordings(self) -> Path:
        return self.data_dir / "recordings"


def read(environ: Mapping[str, str] = os.environ) -> EgressConfig:
    """Return this process's settings. Raises ConfigError."""
    # The supervisor gives the name: who comes after a dead process under its name has its leases at
    # once.
    egress = environ.get("EGRESS_ID") or f"egress-{secrets.token_hex(4)}"
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", egress):
        raise ConfigError(
            f"EGRESS_ID is {egress!r}; it takes up to 64 letters, digits, dashes and underscores."
        )
    model = environ.get("CAPTION_MODEL", "")
    if model and not Path(model).is_dir():
        raise ConfigError(
            f"CAPTION_MODEL is {model!r}; it must be a folder with a Whisper model, or be left out."
        )
    count = environ.get("CAPTION_PROCESSES") or str(CAPTION_PROCESSES)
    if not count.isdigit() or not 1 <= int(count) <= 64:
        raise ConfigError(
            f"CAPTION_PROCESSES is {count!r}; it must be a whole number from 1 to 64."
        )
    return EgressConfig(
        egress=egress,
        redis_url=environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
        data_dir=Path(environ.get("DATA_DIR") or _ROOT / "var").resolve(),
        caption_model=model,
        caption_processes=int(count),
        log_level=environ.get("LOG_LEVEL", "INFO").upper(),
    )

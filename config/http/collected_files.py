"""Whether the static files have to be collected anew: compressing them takes a minute."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders

from config.env import ROOT

# What the backends of `STORAGES` make of the sources is theirs and whitenoise's.
_MAKERS = (ROOT / "requirements.txt", Path(__file__).with_name("static_storage.py"))


def are_current() -> bool:
    """True if exactly these sources were collected into STATIC_ROOT before."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    stamp = _stamp()
    return manifest.exists() and stamp.exists() and stamp.read_text() == _fingerprint()


def remember() -> None:
    """Note that the sources, as they are now, lie collected in STATIC_ROOT."""
    _stamp().write_text(_fingerprint())


def _stamp() -> Path:
    return Path(settings.DATA_DIR) / "collected"


def _fingerprint() -> str:
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for path in _MAKERS:
        digest.update(path.read_bytes())
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            with storage.open(name) as file:
                digest.update(f"{name}\0{file.size}\0".encode() + file.read())
    return digest.hexdigest()

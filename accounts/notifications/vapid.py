"""The key with which this site signs its pushes, so that a push service knows whom to complain to
(RFC 8292).
"""

import base64
import os
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from django.conf import settings
from py_vapid import Vapid02

TOKEN_S = 12 * 3600  # RFC 8292 §2 allows 24 hours at most.


def headers_for(endpoint: str, now: int) -> dict[str, str]:
    """Return the headers that prove to the push service of `endpoint` who sends.

    `now` is seconds since 1970.
    """
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": now + TOKEN_S, "sub": _contact()}
    return dict(_key(settings.DATA_DIR).sign(claims))


def public_key() -> str:
    """The key that browsers ask for when they subscribe: an uncompressed point, base64url."""
    point = _key(settings.DATA_DIR).public_key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def _contact() -> str:
    origin = (
        settings.CSRF_TRUSTED_ORIGINS[0] if settings.CSRF_TRUSTED_ORIGINS else "http://localhost"
    )
    host = urlsplit(origin).hostname or "localhost"
    return f"mailto:postmaster@{host}"


@cache
def _key(data_dir: Path) -> Vapid02:
    """Read the key, or make it: once for a data folder, because every subscription is bound to it."""
    path = data_dir / "vapid.pem"
    if not path.exists():
        _make(path)
    return Vapid02.from_pem(path.read_bytes())


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    key = Vapid02()
    key.generate_keys()
    draft = path.with_name(f"vapid.{os.getpid()}")
    draft.touch(0o600)
    draft.write_bytes(key.private_pem())
    try:
        # In one step, and the first one wins: several processes may start at once.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()

"""The key with which this site signs its pushes, so that a push service knows whom to ask.

RFC 8292 (VAPID).
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
    origins = settings.CSRF_TRUSTED_ORIGINS or ["http://localhost"]
    host = urlsplit(origins[0]).hostname or "localhost"
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": now + TOKEN_S,
        "sub": f"mailto:postmaster@{host}",
    }
    return dict(_key(settings.DATA_DIR).sign(claims))


def public_key() -> str:
    """Return the key that browsers subscribe with: an uncompressed point, base64url."""
    point = _key(settings.DATA_DIR).public_key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


@cache
def _key(data_dir: Path) -> Vapid02:
    """Read the key of a data folder; the first time, make it.

    One for ever: every subscription of a browser is bound to it.
    """
    path = data_dir / "vapid.pem"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        key = Vapid02()
        key.generate_keys()
        draft = path.with_name(f"vapid.{os.getpid()}")
        draft.touch(0o600)  # Before the secret is in it.
        draft.write_bytes(key.private_pem())
        try:
            # In one step, and the first one wins: several processes may start at once.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return Vapid02.from_pem(path.read_bytes())

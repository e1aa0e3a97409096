"""What an authenticator app shows. Without Django: the browser tests and the long proofs use it in
processes that have no site of their own.
"""

import base64
import hmac
import struct
import time

SECRET = "JBSWY3DPEHPK3PXP"
STEP_S = 30


def code_now(secret: str = SECRET) -> str:
    """Return the six digits of this moment (RFC 6238, with the defaults that apps have)."""
    counter = struct.pack("!Q", int(time.time()) // STEP_S)
    mac = hmac.digest(base64.b32decode(secret), counter, "sha1")
    at = mac[-1] & 0x0F  # RFC 4226 §5.3.
    number = struct.unpack_from("!I", mac, at)[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"

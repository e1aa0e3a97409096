"""`python -m media_relay.gone`: take a relay that has ended out of the register.

For whoever sees it end, as systemd does (ExecStopPost); `manage.py run` does the same by itself.
Its rooms move now, instead of when its last heartbeat is old. Nobody hears anything meanwhile, so
it imports little: redis-py and the configuration take four times as long as all of this.
"""

import os
import socket
import ssl
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from media_relay.protocol.relay import NODES_KEY, gone_key, node_key

KEPT_S = 60  # Web processes look twice a second.
TIMEOUT_S = 2
PORT = 6379
Command = Sequence[str]


def forget(url: str, relay: str) -> None:
    """Raises OSError if Redis does not answer, or refuses."""
    place = urlsplit(url)
    commands = [
        *_greeting(place),
        ("ZREM", NODES_KEY, relay),
        ("DEL", node_key(relay)),
        ("SET", gone_key(relay), "1", "EX", str(KEPT_S)),
    ]
    with _connected(place) as link:
        link.sendall(b"".join(map(_encode, commands)))
        with link.makefile("rb") as answers:
            # Each of these is answered by one line (RESP, redis.io/docs).
            for command in commands:
                line = answers.readline().decode(errors="replace").rstrip()
                if not line.startswith(("+", ":")):
                    raise OSError(f"{command[0]}: {line or 'no answer'}")


def _greeting(place: SplitResult) -> Iterator[Command]:
    """Yield what says who we are and which database we mean, as far as the address does."""
    if place.password:
        names = [unquote(place.username)] if place.username else []
        yield ("AUTH", *names, unquote(place.password))
    number = place.path.strip("/") if place.scheme != "unix" else ""
    number = parse_qs(place.query).get("db", [number])[0]
    if number not in ("", "0"):
        yield ("SELECT", number)


@contextmanager
def _connected(place: SplitResult) -> Iterator[socket.socket]:
    if place.scheme == "unix":
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(TIMEOUT_S)
        with link:
            link.connect(unquote(place.path))
            yield link
        return
    host = place.hostname or "localhost"
    with socket.create_connection((host, place.port or PORT), TIMEOUT_S) as link:
        if place.scheme != "rediss":
            yield link
            return
        with ssl.create_default_context().wrap_socket(link, server_hostname=host) as secure:
            yield secure


def _encode(command: Command) -> bytes:
    words = [word.encode() for word in command]
    return b"".join([b"*%d\r\n" % len(words), *(b"$%d\r\n%b\r\n" % (len(w), w) for w in words)])


def main() -> int:
    """Return 2 if the environment names no relay, and 1 if Redis does not answer."""
    url, relay = os.environ.get("REDIS_URL", ""), os.environ.get("RELAY_ID", "")
    if not url or not relay:
        print("REDIS_URL and RELAY_ID say which relay has gone.", file=sys.stderr)  # noqa: T201
        return 2
    try:
        forget(url, relay)
    except (OSError, ValueError) as error:  # Then the old heartbeat tells, a few seconds later.
        print(f"The relay stays in the register: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

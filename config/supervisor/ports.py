"""Which ports a run may listen on, found out before a child fails with a traceback."""

import errno
import socket

from config.supervisor.errors import StartError


def free_port() -> int:
    """Return a port of this machine that nothing listens on at the moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def require_free(address: str, port: int, variable: str, kind: socket.SocketKind) -> None:
    """Raise StartError if nothing can listen there; `variable` is the setting that moves it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                reason = f"Port {port} is taken by another program: stop it, "
                reason += f"or choose another with {variable}={port + 1}."
            elif error.errno == errno.EACCES:
                reason = f"Port {port} needs more rights than you have: "
                reason += f"choose one above 1023 with {variable}."
            else:
                reason = f"Nothing can listen on {address}, port {port}: {error.strerror}; "
                reason += f"set BIND or {variable}."
            raise StartError(reason) from error

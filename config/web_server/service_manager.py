"""What systemd is told of a web process (`Type=notify`)."""

import logging
import socket

from config import env

log = logging.getLogger(__name__)


def notify(state: str) -> None:
    """Say `READY=1` or `STOPPING=1`. Nothing happens where no manager waits for it.

    Source: sd_notify(3), "Notes": a datagram to the socket that the environment names.
    """
    address = env.notify_socket()
    if not address:
        return
    if address.startswith("@"):  # The abstract namespace of Linux.
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(state.encode(), address)
    except OSError as error:
        # Then the manager gives up on the start by itself.
        log.warning("The service manager was not told %s: %s", state, error)

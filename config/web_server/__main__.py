"""`python -m config.web_server -b ADDRESS -p PORT` serves pages, API and sockets until SIGTERM."""

import argparse

from daphne.endpoints import build_endpoint_description_strings

from config.web_server.server import WebServer

# Above Daphne's own 1 MiB, where it closes the socket without a reason, while our consumer answers
# `too_large`.
WEBSOCKET_BYTES = 2 * 1024 * 1024


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m config.web_server")
    parser.add_argument("-b", "--bind", default="127.0.0.1")
    parser.add_argument("-p", "--port", type=int, default=8000)
    asked = parser.parse_args()
    # Only now: it loads the apps, which who asks for `--help` need not wait for.
    from config.asgi import application
    from config.db import connections

    _held = connections.hold()
    WebServer(
        application,
        endpoints=build_endpoint_description_strings(host=asked.bind, port=asked.port),
        # SIGTERM and SIGINT are its own: Twisted's would stop the loop under what still runs.
        signal_handlers=False,
        verbosity=0,
        server_name="",
        websocket_max_message_size=WEBSOCKET_BYTES,
        websocket_max_frame_size=WEBSOCKET_BYTES,
    ).run()


if __name__ == "__main__":
    main()

"""HTTP to Django, WebSockets to the consumers of accounts and spaces."""

import os

import django
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)  # Loads the apps; the imports below need them.

from accounts.realtime.nowhere import NowhereConsumer  # noqa: E402
from accounts.routing import websocket_routes as person_routes  # noqa: E402
from config.db import patience  # noqa: E402
from config.http.handler import Handler  # noqa: E402
from spaces.consumers.heartbeat import with_heartbeat  # noqa: E402
from spaces.routing import websocket_routes as room_routes  # noqa: E402

patience.have(patience.OF_A_WEB)
websocket = URLRouter([*person_routes, *room_routes, re_path("", NowhereConsumer.as_asgi())])
application = with_heartbeat(ProtocolTypeRouter({"http": Handler(), "websocket": websocket}))

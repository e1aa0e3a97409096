"""HTTP to Django, WebSockets to the consumers of accounts and spaces."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()  # Loads the apps; the imports below need them.

from accounts.routing import websocket_routes as person_routes  # noqa: E402
from spaces.consumers.heartbeat import with_heartbeat  # noqa: E402
from spaces.routing import websocket_routes as room_routes  # noqa: E402

application = with_heartbeat(
    ProtocolTypeRouter({"http": http, "websocket": URLRouter([*person_routes, *room_routes])})
)

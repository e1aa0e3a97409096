"""HTTP to Django, WebSockets to the consumers of spaces."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()  # Loads the apps; the imports below need them.

from spaces.routing import websocket_routes  # noqa: E402

application = ProtocolTypeRouter({"http": http, "websocket": URLRouter(websocket_routes)})

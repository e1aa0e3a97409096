"""WebSocket addresses."""

from django.urls import URLPattern, path

from spaces.consumers import RoomConsumer

# Any text for an id: the consumer refuses a wrong one with its code, a route that does not match
# could only break the handshake.
websocket_routes: list[URLPattern] = [path("ws/spaces/<str:public_id>/", RoomConsumer.as_asgi())]

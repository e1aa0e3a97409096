"""WebSocket addresses."""

from django.urls import URLPattern, path

from spaces.consumers import RoomConsumer

websocket_routes: list[URLPattern] = [path("ws/spaces/<str:public_id>/", RoomConsumer.as_asgi())]

"""WebSocket addresses."""

from django.urls import URLPattern, path

from accounts.realtime.person import PersonConsumer

websocket_routes: list[URLPattern] = [path("ws/me/", PersonConsumer.as_asgi())]

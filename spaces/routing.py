"""WebSocket addresses."""

from django.urls import URLPattern, re_path

from spaces.consumers import RoomConsumer
from spaces.models.space import PUBLIC_ID

# An id of any other form is part of the names of groups and keys, which take not every character.
websocket_routes: list[URLPattern] = [
    re_path(rf"^ws/spaces/(?P<public_id>{PUBLIC_ID})/$", RoomConsumer.as_asgi())
]

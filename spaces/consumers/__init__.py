"""WebSockets of the room. They translate and forward; the rules decide."""

from spaces.consumers.room import RoomConsumer

__all__ = ["RoomConsumer"]

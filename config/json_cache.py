"""Django's Redis cache with JSON in place of pickle.

What is unpickled can run anything, so who can write into Redis would own every web process.
"""

import json
from collections.abc import Iterable
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient

_JSON, _BYTES = b"j", b"b"  # The first byte says which; an integer stands alone, for `incr`.


class JsonSerializer:
    """Keeps what JSON keeps, and bytes.

    `Any` here and below is what Django's cache takes and gives.
    """

    def dumps(self, obj: Any) -> Any:
        """Return what is kept in Redis.

        Raises TypeError for a value that would come back as another: a tuple, a set, a row of the
        database, a key of a dictionary that is no string.
        """
        if type(obj) is int:
            return obj
        if isinstance(obj, bytes):
            return _BYTES + obj
        text = json.dumps(obj, separators=(",", ":"))
        if not _is_plain(obj):
            raise TypeError(f"The cache keeps plain values, no {type(obj).__name__}: {text[:80]}")
        return _JSON + text.encode()

    def loads(self, data: Any) -> Any:
        """Return what was kept. Raises ValueError if this serializer did not write it."""
        kind, rest = data[:1], data[1:]
        if kind == _BYTES:
            return rest
        return json.loads(rest) if kind == _JSON else int(data)


class JsonCacheClient(RedisCacheClient):
    """Takes for a miss what it cannot read, whoever wrote it."""

    def get(self, key: Any, default: Any) -> Any:
        return self.get_many([key]).get(key, default)

    def get_many(self, keys: Iterable[Any]) -> dict[Any, Any]:
        names = list(keys)
        found = {}
        for name, data in zip(names, self.get_client(None).mget(names), strict=True):
            try:
                if data is not None:
                    found[name] = self._serializer.loads(data)  # type: ignore[attr-defined]  # Stubs.
            except ValueError:
                continue
        return found


class JsonRedisCache(RedisCache):
    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = JsonCacheClient


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(_is_plain(item) for item in value)
    if isinstance(value, dict):
        return all(type(key) is str and _is_plain(item) for key, item in value.items())
    return value is None or isinstance(value, str | int | float)

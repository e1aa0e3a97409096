"""Django's Redis cache with JSON in place of pickle, and with a stand-in while Redis is away.

What is unpickled can run anything, so who can write into Redis would own every web process.
"""

import json
import logging
import threading
import time
from collections.abc import Iterable
from typing import Any

import redis
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

from config import redis_clients

log = logging.getLogger(__name__)
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

    def get_client(self, key: Any = None, *, write: bool = False) -> redis.Redis:
        """Return the one client of this process, which waits for a silent Redis once."""
        return redis_clients.blocking()

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
    """While Redis is away, full or read-only, the cache of this process stands in for it.

    Not "a miss each time": allauth counts wrong passwords in here, and they must not be unlimited.
    """

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = JsonCacheClient
        self._stand_in = LocMemCache("stand-in", params)

    def add(self, *args: Any, **options: Any) -> bool:
        return bool(self._do("add", args, options))

    def get(self, *args: Any, **options: Any) -> Any:
        return self._do("get", args, options)

    def set(self, *args: Any, **options: Any) -> None:
        self._do("set", args, options)

    def touch(self, *args: Any, **options: Any) -> bool:
        return bool(self._do("touch", args, options))

    def delete(self, *args: Any, **options: Any) -> bool:
        return bool(self._do("delete", args, options))

    def get_many(self, *args: Any, **options: Any) -> dict[Any, Any]:
        found: dict[Any, Any] = self._do("get_many", args, options)
        return found

    def has_key(self, *args: Any, **options: Any) -> bool:
        return bool(self._do("has_key", args, options))

    def incr(self, *args: Any, **options: Any) -> int:
        return int(self._do("incr", args, options))

    def set_many(self, *args: Any, **options: Any) -> list[Any]:
        failed: list[Any] = self._do("set_many", args, options)
        return failed

    def delete_many(self, *args: Any, **options: Any) -> None:
        self._do("delete_many", args, options)

    def clear(self) -> None:
        self._stand_in.clear()
        self._do("clear", (), {})

    def _do(self, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        if _absence.is_over():
            try:
                return getattr(super(), name)(*args, **options)
            except redis.RedisError as error:
                _absence.begin(error)
        return getattr(self._stand_in, name)(*args, **options)


class _Absence:
    """From the first failure until Redis can be written to again.

    Not only until something can be read: a full or read-only one still answers `get`, and would
    say "nothing" of all that the stand-in has counted.
    """

    TRY_EVERY_S = 1.0

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._try_at: float | None = None  # Monotonic second; None while Redis can be written to.

    def begin(self, error: Exception) -> None:
        log.warning("The cache of this process stands in for Redis: %s", error)
        self._try_at = time.monotonic() + self.TRY_EVERY_S

    def is_over(self) -> bool:
        """False while it lasts; one caller a second looks whether it does."""
        if self._try_at is None:
            return True
        with self._lock:
            now = time.monotonic()
            if now < (self._try_at or 0.0):
                return False
            self._try_at = now + self.TRY_EVERY_S
        try:
            redis_clients.blocking().set("cache:probe", 1, ex=1)
        except redis.RedisError:
            return False
        self._try_at = None
        return True


_absence = _Absence()


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(_is_plain(item) for item in value)
    if isinstance(value, dict):
        return all(type(key) is str and _is_plain(item) for key, item in value.items())
    return value is None or isinstance(value, str | int | float)

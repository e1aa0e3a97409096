"""Faults of real parts: each a block in which the part is missing."""

import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager

import redis

from tests.parts.site import Parts

Fault = Callable[[Parts], AbstractContextManager[None]]


@contextmanager
def redis_killed(parts: Parts) -> Iterator[None]:
    parts.valkey.kill()
    try:
        yield
    finally:
        parts.valkey.start()


@contextmanager
def redis_frozen(parts: Parts) -> Iterator[None]:
    """It takes connections and never answers."""
    os.kill(parts.valkey.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(parts.valkey.pid, signal.SIGCONT)


@contextmanager
def redis_full(parts: Parts) -> Iterator[None]:
    with parts.valkey.full():
        yield


@contextmanager
def redis_evicting(parts: Parts) -> Iterator[None]:
    with redis.Redis.from_url(parts.valkey.url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.config_set("maxmemory", 1 << 30)
        try:
            yield
        finally:
            client.config_set("maxmemory", 0)
            client.config_set("maxmemory-policy", "noeviction")


@contextmanager
def redis_read_only(parts: Parts) -> Iterator[None]:
    """A replica whose master is away, which it goes on without."""
    with parts.valkey.read_only():
        yield


@contextmanager
def database_locked(parts: Parts) -> Iterator[None]:
    """Somebody writes and does not end."""
    holder = sqlite3.connect(parts.database, isolation_level=None, timeout=60)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        holder.execute("ROLLBACK")
        holder.close()


@contextmanager
def database_away(parts: Parts) -> Iterator[None]:
    assert parts.postgres is not None
    parts.postgres.stop()
    try:
        yield
    finally:
        parts.postgres.start()


@contextmanager
def disk_full(parts: Parts) -> Iterator[None]:
    with closing(sqlite3.connect(parts.database, timeout=60)) as database:
        # What the log has room for would be written still.
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    filler = parts.stack.data_dir / "filler"
    with filler.open("wb") as file:
        filled, piece = 0, os.statvfs(filler.parent).f_bavail * 4096
        while piece >= 4096:
            try:
                os.posix_fallocate(file.fileno(), filled, piece)
                filled += piece
            except OSError:
                # Others wrote meanwhile, and what does not fit is not taken at all.
                piece = piece // 2 // 4096 * 4096
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def database_read_only(parts: Parts) -> Iterator[None]:
    """Its files may be read and not changed, by nobody: also root is told EPERM."""
    files = [str(path) for path in parts.stack.data_dir.glob("parley.sqlite3*")]
    subprocess.run(["chattr", "+i", *files], check=True)
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", *files], check=True)


@contextmanager
def media_read_only(parts: Parts) -> Iterator[None]:
    folder = parts.stack.data_dir / "media"
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)

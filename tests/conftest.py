"""What every test has: a Valkey and a data folder of its own, and a database in a file like the
real one.

Nothing here touches the checkout's `var/`, so tests run beside a running Parley and beside each
other.
"""

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from django.db import connections
from django.test.signals import setting_changed
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from config import redis_clients
from tests.stack.sharing import pytest_xdist_make_scheduler  # noqa: F401  # A hook, found by name.
from tests.stack.turns import (  # noqa: F401  # Hooks, found by name.
    pytest_collection_modifyitems,
    pytest_configure_node,
    pytest_runtest_protocol,
    pytest_unconfigure,
)
from tests.stack.valkey import Valkey, running_valkey

# A busy machine is not a finding: examples take as long as they take, the test has its own time
# limit.
hypothesis_settings.register_profile("parley", deadline=None)
hypothesis_settings.load_profile("parley")


@pytest.fixture(scope="session", autouse=True)
def own_data_dir(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("data")
    settings.DATA_DIR = folder
    settings.MEDIA_ROOT = folder / "media"
    settings.STATIC_ROOT = folder / "static"


@pytest.fixture(scope="session")
def own_valkey() -> Iterator[Valkey]:
    with running_valkey() as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def own_redis(own_valkey: Valkey) -> Iterator[redis.Redis]:
    """Point the channel layer, cache, queue and presence of this test run at its own server."""
    old, new = settings.REDIS_URL, own_valkey.url
    settings.CELERY_BROKER_URL = new.replace("unix://", "redis+socket://", 1)
    for name in ("REDIS_URL", "CACHES", "CHANNEL_LAYERS"):
        value = _with(getattr(settings, name), old, new)
        setattr(settings, name, value)
        # Django keeps the caches it made.
        setting_changed.send(sender=None, setting=name, value=value, enter=True)
    with redis.Redis.from_url(new) as client:
        yield client


def _with(value: object, old: str, new: str) -> object:
    """Return a setting with the one string exchanged, however deep it is."""
    if isinstance(value, dict):
        return {key: _with(one, old, new) for key, one in value.items()}
    if isinstance(value, list):
        return [_with(one, old, new) for one in value]
    return new if value == old else value


@pytest.fixture(autouse=True)
def _empty_redis(own_redis: redis.Redis) -> None:
    own_redis.flushdb()
    redis_clients.outage.end()  # What a test before saw of a Redis that is away.


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """The language of the last request stays with its thread; in life the next request sets its
    own.
    """
    yield
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None,
    django_db_modify_db_settings_parallel_suffix: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A file, because SQLite in memory has no WAL and no waiting writers: races would not be those
    of the product.
    """
    database = connections["default"]
    if database.vendor == "sqlite":
        database.settings_dict["TEST"]["NAME"] = str(
            tmp_path_factory.mktemp("database") / "test.sqlite3"
        )

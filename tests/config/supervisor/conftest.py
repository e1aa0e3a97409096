import io
from pathlib import Path

import pytest

from config.env import Environment, read
from config.supervisor.output import LogWriter


class Log(io.StringIO):
    """What a supervisor wrote, as lines without the padding of the names."""

    @property
    def lines(self) -> list[str]:
        return [" ".join(line.split()) for line in self.getvalue().splitlines()]


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def output(log: Log) -> LogWriter:
    return LogWriter(log)


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Environment:
    """The environment of a newcomer who set nothing but the data folder."""
    for name in (
        "PARLEY_MODE",
        "REDIS_URL",
        "DATABASE_URL",
        "PORT",
        "DEMO",
        "DEMO_ACCOUNTS",
        "BIND",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    return read()

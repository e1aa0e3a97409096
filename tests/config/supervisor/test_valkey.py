import os
import stat
import subprocess
from pathlib import Path

import pytest
import redis

from config.supervisor import valkey
from config.supervisor.errors import StartError
from tests.stack.waiting import wait_until


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(valkey, "_bundled", lambda: None)


def test_it_brings_its_own_server() -> None:
    assert os.access(valkey.binary(), os.X_OK)


@pytest.mark.usefixtures("no_wheel")
@pytest.mark.parametrize("name", ["valkey-server", "redis-server"])
def test_it_takes_the_machines_server_where_the_wheel_has_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text("#!/bin/sh\n")
    (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert valkey.binary() == str(tmp_path / name)


@pytest.mark.usefixtures("no_wheel")
def test_it_says_what_to_do_when_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(StartError, match=r"apt-get install redis-server.*REDIS_URL"):
        valkey.binary()


def test_it_makes_a_private_folder_with_a_short_path() -> None:
    folder = valkey.runtime_dir()
    try:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert len(str(folder / "valkey.sock")) < 108
    finally:
        folder.rmdir()


def test_it_listens_on_the_socket_alone(tmp_path: Path) -> None:
    folder = valkey.runtime_dir()
    socket = folder / "valkey.sock"
    server = subprocess.Popen(valkey.argv(socket, tmp_path), stdout=subprocess.DEVNULL)
    try:
        wait_until(socket.exists, "the socket is there")
        with redis.Redis(unix_socket_path=str(socket)) as client:
            wait_until(client.ping, "it answers")
            assert client.config_get("port") == {"port": "0"}
            assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    finally:
        server.terminate()
        server.wait(10)
        socket.unlink(missing_ok=True)
        folder.rmdir()
    assert (tmp_path / "valkey").is_dir()

"""compose.yaml: who gets which secret, and that its Redis has users; what stays out of the image."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml

from config.env import ROOT
from config.supervisor import valkey
from tests.stack.waiting import wait_until

SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(  # Any: what YAML holds.
    (ROOT / "deploy" / "compose.yaml").read_text()
)["services"]
IGNORED = ROOT / "deploy" / "Dockerfile.dockerignore"
DOCKERFILE, NGINX = ROOT / "deploy" / "Dockerfile", ROOT / "deploy" / "nginx.conf"
PASSWORDS = {"REDIS_PASSWORD": "allofit", "RELAY_REDIS_PASSWORD": "relaysown"}


@pytest.mark.parametrize("name", ["web", "clock", "worker", "delivery", "egress", "relay"])
def test_it_lets_what_was_begun_end_as_systemd_does(name: str) -> None:
    (unit,) = (ROOT / "deploy" / "systemd").glob(f"parley-{name}*.service")
    assert f"TimeoutStopSec={SERVICES[name]['stop_grace_period'].removesuffix('s')}\n" in (
        unit.read_text()
    )


def filled(text: str) -> str:
    return re.sub(r"\$\{(\w+):\?\}", lambda match: PASSWORDS[match[1]], text)


def settings_of(service: str) -> dict[str, str]:
    return dict(SERVICES[service]["environment"])


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The server, as compose starts it; the socket in a folder of ours."""
    folder = tmp_path_factory.mktemp("valkey")
    path = folder / "valkey.sock"
    _, *given = (filled(word) for word in SERVICES["valkey"]["command"])
    given = [word.replace("/run/valkey/valkey.sock", str(path)) for word in given]
    # Compose hands each line over as one argument, and the server reads them as lines of its file.
    command = [valkey.binary(), *given, "--port 0", f"--dir {folder}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wait_until(path.exists, "the server has its socket", 20)
    yield path
    process.terminate()
    process.wait(10)


def client(socket: Path, service: str) -> redis.Redis:
    """Connect as a service of compose does."""
    url = filled(SERVICES[service]["environment"]["REDIS_URL"])
    url = re.sub(r"^redis:(//[^@]*@).*", r"unix:\1/run/valkey/valkey.sock", url)
    return redis.Redis.from_url(url.replace("/run/valkey/valkey.sock", str(socket)))


def test_it_has_no_redis_for_who_has_no_password(socket: Path) -> None:
    with pytest.raises(redis.RedisError, match="authenticat"):
        redis.Redis(unix_socket_path=str(socket)).ping()


def test_it_gives_webs_and_workers_all_keys_and_no_server(socket: Path) -> None:
    web = client(socket, "web")
    web.set(":2:any", "1")
    assert web.get(":2:any") == b"1"
    with pytest.raises(redis.exceptions.NoPermissionError):
        web.config_get("*")


def test_it_gives_the_relay_its_own_keys_alone(socket: Path) -> None:
    relay = client(socket, "relay")
    relay.zadd("relay:nodes", {"relay-1": 1})
    relay.publish("relay:events", "x")
    for name in (":2:any", "celery", "presence:x"):
        with pytest.raises(redis.exceptions.NoPermissionError):
            relay.get(name)


@pytest.mark.parametrize("name", SERVICES)
def test_it_opens_no_port_but_that_of_nginx(name: str) -> None:
    ports = SERVICES[name].get("ports", [])
    assert ports == (["127.0.0.1:8000-8001:8000"] if name == "web" else [])


def test_it_tells_the_relay_no_secret_that_is_not_its_own() -> None:
    relay = SERVICES["relay"]
    text = yaml.safe_dump(relay)
    for name in ("SECRET_KEY", "DATABASE_URL", "POSTGRES_PASSWORD", "{REDIS_PASSWORD", "/data"):
        assert name not in text
    assert "SECRET_KEY" not in yaml.safe_dump(SERVICES["egress"])
    assert set(relay["environment"]) >= {"REDIS_URL", "RELAY_ADDRESSES", "RELAY_PORT"}


def test_it_passes_on_what_an_operator_may_set() -> None:
    for name in (
        "TURN_URLS",
        "TURN_SECRET",
        "METRICS_TOKEN",
        "ADMIN_PATH",
        "PARLEY_LIMITS",
        "HSTS",
    ):
        assert f"${{{name}:-" in settings_of("web")[name]
    for name in ("CAPTION_MODEL", "CAPTION_PROCESSES"):
        assert f"${{{name}:-" in settings_of("egress")[name]
    assert "${WORKER_PROCESSES:-" in SERVICES["worker"]["command"]


def test_it_lets_nginx_send_from_the_folder_that_parley_writes() -> None:
    """By the paths of nginx.conf, from the volume, as a member of the group that may read it."""
    folders = re.findall(r"alias (/var/lib/parley/\w+/);", NGINX.read_text())
    assert folders == ["/var/lib/parley/static/", "/var/lib/parley/media/"]
    assert "data:/data" in SERVICES["web"]["volumes"]
    assert "data:/var/lib/parley:ro" in SERVICES["nginx"]["volumes"]
    inside = re.search(r"internal;\s+alias /var/lib/parley/media/", NGINX.read_text())
    assert inside
    assert f"location {settings_of('web')['ACCEL_REDIRECT']} {{" in NGINX.read_text()
    gid = re.search(r"groupadd --system --gid (\d+) parley", DOCKERFILE.read_text())
    assert gid
    assert f"--groups {gid[1]} nginx" in SERVICES["nginx"]["entrypoint"][2]
    ports = re.findall(r"server 127\.0\.0\.1:(\d+)", NGINX.read_text())
    assert SERVICES["web"]["ports"] == [f"127.0.0.1:{'-'.join(ports)}:8000"]
    assert SERVICES["web"]["deploy"]["replicas"] == len(ports)


def test_it_writes_for_its_own_account_alone(tmp_path: Path) -> None:
    """The image's entry point, as it stands there, before a command that writes."""
    line = re.search(r"^ENTRYPOINT (.*)$", DOCKERFILE.read_text(), re.MULTILINE)
    assert line
    subprocess.run([*json.loads(line[1]), "touch", str(tmp_path / "file")], check=True)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


def test_it_asks_for_every_password_and_has_none() -> None:
    text = (ROOT / "deploy" / "compose.yaml").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "RELAY_REDIS_PASSWORD"):
        assert f"${{{name}:?}}" in text
        assert f"${{{name}:-" not in text


def test_it_keeps_out_of_the_image_what_git_leaves_out() -> None:
    """And the history, which may hold what was taken out again."""
    kept_out = {line.removeprefix("**/") for line in IGNORED.read_text().split()}
    ignored = (ROOT / ".gitignore").read_text().split()
    assert {line.strip("/") for line in ignored} <= kept_out
    assert {".git", ".env.*", "*.pem"} <= kept_out

"""What the environment may say, typed and with defaults. Nothing else reads `os.environ`."""

import logging
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import environ

ROOT = Path(__file__).resolve().parent.parent
# A site that others use should say these.
WITH_DEFAULTS = ("EMAIL_URL", "EMAIL_FROM", "DATABASE_URL", "REDIS_URL")
HSTS = ("host", "subdomains", "preload", "off")
MODES = ("development", "test", "production")
PRIVATE_FOLDER = 0o700  # Database, mails, keys: nobody else on this machine has business there.


@dataclass(frozen=True)
class Environment:
    """One process's settings; `.env.example` explains each variable."""

    mode: str
    debug: bool
    demo: bool
    is_demo_asked_for: bool
    secret_key: str
    allowed_hosts: list[str]
    origins: list[str]
    bind: str
    port: int
    data_dir: Path
    database_url: str
    redis_url: str
    brings_own_redis: bool
    relay_port: int
    relay_addresses: list[str]
    metrics_port: int
    metrics_token: str
    accel_redirect: str
    turn_urls: list[str]
    turn_secret: str
    worker_processes: int
    demo_accounts: int
    email_url: str
    email_from: str
    admin_path: str
    trusted_proxies: int
    hsts: str
    log_level: str
    unsaid: tuple[str, ...]  # Variables of WITH_DEFAULTS that are missing or empty.

    @property
    def is_production(self) -> bool:
        return self.mode == "production"

    @property
    def is_for_this_machine_alone(self) -> bool:
        """Whether no browser elsewhere can use the site: neither reach it nor open a socket."""
        hosts = [self.bind, *(urlsplit(origin).hostname or "" for origin in self.origins)]
        return all(_is_loopback(host) for host in hosts)


def read() -> Environment:
    """Return the environment of this process.

    Raises `environ.ImproperlyConfigured` if a variable is unreadable, or missing in production.
    """
    env = environ.Env()
    env.read_env(ROOT / ".env")
    mode = env.str("PARLEY_MODE", "development")
    if mode not in MODES:
        raise environ.ImproperlyConfigured(
            f"PARLEY_MODE is {mode!r}; it must be one of {', '.join(MODES)}."
        )
    production = mode == "production"
    port = _number(env, "PORT", 8000)
    data_dir = Path(env.str("DATA_DIR", str(ROOT / "var"))).resolve()
    local = ["localhost", "127.0.0.1", "[::1]"]
    return Environment(
        mode=mode,
        debug=env.bool("DEBUG", False),
        demo=env.bool("DEMO", not production),
        is_demo_asked_for=bool(env.str("DEMO", "")),
        secret_key=env.str("SECRET_KEY")
        if production
        else env.str("SECRET_KEY", "") or _development_key(data_dir),
        allowed_hosts=env.list("ALLOWED_HOSTS")
        if production
        else env.list("ALLOWED_HOSTS", default=local),
        origins=env.list("ORIGINS")
        if production
        else env.list("ORIGINS", default=[f"http://localhost:{port}", f"http://127.0.0.1:{port}"]),
        bind=env.str("BIND", "127.0.0.1"),
        port=port,
        data_dir=data_dir,
        database_url=env.str("DATABASE_URL", "") or f"sqlite:///{data_dir / 'parley.sqlite3'}",
        redis_url=env.str("REDIS_URL", "") or "redis://127.0.0.1:6379/0",
        brings_own_redis=bool(env.str("REDIS_URL", "")),
        relay_port=_number(env, "RELAY_PORT", 0),
        relay_addresses=env.list("RELAY_ADDRESSES", default=[]),
        metrics_port=_number(env, "METRICS_PORT", 0),
        metrics_token=env.str("METRICS_TOKEN", ""),
        accel_redirect=env.str("ACCEL_REDIRECT", ""),
        turn_urls=env.list("TURN_URLS", default=[]),
        turn_secret=env.str("TURN_SECRET", ""),
        worker_processes=_number(env, "WORKER_PROCESSES", 2),
        demo_accounts=_number(env, "DEMO_ACCOUNTS", 0),
        email_url=env.str("EMAIL_URL", "") or f"filemail:///{data_dir / 'mail'}",
        email_from=env.str("EMAIL_FROM", "") or "Parley <parley@localhost>",
        admin_path=env.str("ADMIN_PATH", "admin").strip("/"),
        trusted_proxies=_number(env, "TRUSTED_PROXIES", 0),
        hsts=_hsts(env),
        log_level=_log_level(env),
        unsaid=tuple(name for name in WITH_DEFAULTS if not env.str(name, "")),
    )


def for_child(**changes: str) -> dict[str, str]:
    """Return this process's whole environment with `changes`, for a process that it starts."""
    return {**os.environ, **changes}


def notify_socket() -> str:
    """Return where systemd waits to be told that this process is ready; "" where nobody waits."""
    return os.environ.get("NOTIFY_SOCKET", "")


def _number(env: environ.Env, name: str, default: int) -> int:
    text = env.str(name, "") or str(default)
    if not text.isdecimal():
        raise environ.ImproperlyConfigured(f"{name} is {text!r}; it must be a whole number.")
    return int(text)


def _hsts(env: environ.Env) -> str:
    name = env.str("HSTS", "") or HSTS[0]
    if name not in HSTS:
        raise environ.ImproperlyConfigured(
            f"HSTS is {name!r}; it must be one of {', '.join(HSTS)}."
        )
    return name


def _log_level(env: environ.Env) -> str:
    name = env.str("LOG_LEVEL", "") or "INFO"
    if name.upper() not in logging.getLevelNamesMapping():
        levels = ", ".join(logging.getLevelNamesMapping())
        raise environ.ImproperlyConfigured(f"LOG_LEVEL is {name!r}; it must be one of {levels}.")
    return name.upper()


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def _development_key(data_dir: Path) -> str:
    """Make a key once per data folder, so that log-ins survive a restart and no key is in the
    repository.
    """
    path = data_dir / "secret_key"
    if not path.exists():
        data_dir.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        draft = data_dir / f"secret_key.{os.getpid()}"
        draft.touch(0o600)
        draft.write_text(secrets.token_urlsafe(64))
        # In one step: several processes may start at once, and none may read half a key.
        draft.rename(path)
    return path.read_text().strip()

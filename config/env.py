"""What the environment may say, typed and with defaults. Nothing else reads `os.environ`."""

import secrets
from dataclasses import dataclass
from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent
MODES = ("development", "test", "production")


@dataclass(frozen=True)
class Environment:
    """One process's settings; `.env.example` explains each variable."""

    mode: str
    debug: bool
    demo: bool
    secret_key: str
    allowed_hosts: list[str]
    origins: list[str]
    port: int
    data_dir: Path
    database_url: str
    redis_url: str
    relay_port: int
    relay_addresses: list[str]
    email_url: str
    admin_path: str
    trusted_proxies: int
    log_level: str

    @property
    def is_production(self) -> bool:
        return self.mode == "production"


def read() -> Environment:
    """Return the environment of this process.

    Raises `environ.ImproperlyConfigured` if a variable is unreadable, or missing in production.
    """
    env = environ.Env()
    env.read_env(ROOT / ".env")
    mode = env.str("PARLEY_MODE", "development")
    if mode not in MODES:
        raise environ.ImproperlyConfigured(f"PARLEY_MODE is {mode!r}; it must be one of {', '.join(MODES)}.")
    production = mode == "production"
    port = env.int("PORT", 8000)
    data_dir = Path(env.str("DATA_DIR", str(ROOT / "var"))).resolve()
    local = ["localhost", "127.0.0.1", "[::1]"]
    return Environment(
        mode=mode,
        debug=env.bool("DEBUG", False),
        demo=env.bool("DEMO", not production),
        secret_key=env.str("SECRET_KEY") if production else env.str("SECRET_KEY", "") or _development_key(data_dir),
        allowed_hosts=env.list("ALLOWED_HOSTS") if production else env.list("ALLOWED_HOSTS", default=local),
        origins=env.list("ORIGINS")
        if production
        else env.list("ORIGINS", default=[f"http://localhost:{port}", f"http://127.0.0.1:{port}"]),
        port=port,
        data_dir=data_dir,
        database_url=env.str("DATABASE_URL", "") or f"sqlite:///{data_dir / 'parley.sqlite3'}",
        redis_url=env.str("REDIS_URL", "redis://127.0.0.1:6379/0"),
        relay_port=env.int("RELAY_PORT", 0),
        relay_addresses=env.list("RELAY_ADDRESSES", default=[]),
        email_url=env.str("EMAIL_URL", "") or f"filemail:///{data_dir / 'mail'}",
        admin_path=env.str("ADMIN_PATH", "admin").strip("/"),
        trusted_proxies=env.int("TRUSTED_PROXIES", 0),
        log_level=env.str("LOG_LEVEL", "INFO"),
    )


def _development_key(data_dir: Path) -> str:
    """Make a key once per data folder, so that log-ins survive a restart and no key is in the repository."""
    path = data_dir / "secret_key"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        path.write_text(secrets.token_urlsafe(64))
        path.chmod(0o600)
    return path.read_text().strip()

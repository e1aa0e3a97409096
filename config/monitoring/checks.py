"""Parley's own system checks: what would make a running site weak or mute, said before it runs."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.http.request import validate_host

from config.monitoring import health

# As `check --deploy` wants it; here it is an error, because sessions and log-in codes hang on it.
_SHORTEST_KEY = 50
_FEWEST_CHARACTERS = 5

Apps = Sequence[AppConfig] | None


@register(Tags.security)
# Any: Django's own signature.
def check_secret_key(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    key = settings.SECRET_KEY
    strong = len(key) >= _SHORTEST_KEY and len(set(key)) >= _FEWEST_CHARACTERS
    if strong or not settings.PRODUCTION:
        return []
    hint = 'Make one: python3 -c "import secrets; print(secrets.token_urlsafe(64))"'
    return [
        Error("SECRET_KEY is too short or too plain for production.", hint=hint, id="parley.E001")
    ]


@register(Tags.security)
# Any: Django's own signature.
def check_demo_is_off(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    if not (settings.PRODUCTION and settings.DEMO):
        return []
    hint = "Remove DEMO from the environment."
    return [
        Error(
            "The demo accounts have a public password; production refuses them.",
            hint=hint,
            id="parley.E002",
        )
    ]


@register(Tags.security)
# Any: Django's own signature.
def check_origins(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Browsers give microphones to secure pages only, and sockets are opened for these origins
    alone.
    """
    plain = [
        origin for origin in settings.CSRF_TRUSTED_ORIGINS if not origin.startswith("https://")
    ]
    if not (settings.PRODUCTION and plain):
        return []
    hint = (
        "Write ORIGINS as https://your.host; without https no browser gives a page its microphone."
    )
    return [
        Error(f"ORIGINS names {', '.join(plain)}, which is not https.", hint=hint, id="parley.E003")
    ]


@register(Tags.security, deploy=True)
# Any: Django's own signature.
def check_origins_are_hosts(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """What browsers send as `Origin` is compared with ORIGINS letter by letter."""
    wrong = {
        origin: why
        for origin in settings.CSRF_TRUSTED_ORIGINS
        if (why := "; ".join(_what_is_wrong_with(origin)))
    }
    return [
        Error(
            f"ORIGINS names {origin}, for which no socket is opened: {why}.",
            hint="Write it as browsers do: https://your.host, in small letters, and no slash.",
            id="parley.E006",
        )
        for origin, why in wrong.items()
    ]


def _what_is_wrong_with(origin: str) -> Iterator[str]:
    parts = urlsplit(origin)
    if parts.path or parts.query or parts.fragment:
        yield "an origin ends with its host, or port"
    if origin != origin.lower():
        yield "browsers write hosts in small letters"
    if (parts.scheme, parts.port) in (("https", 443), ("http", 80)):
        yield "browsers leave out the port that the scheme means"
    if not validate_host((parts.hostname or "").lower(), settings.ALLOWED_HOSTS):
        yield "ALLOWED_HOSTS does not have its host"


@register(Tags.security, deploy=True)
# Any: Django's own signature.
def check_hosts(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Error(
            "ALLOWED_HOSTS takes any name, also into the links of letters.",
            hint="Name the hosts of the site, as ALLOWED_HOSTS=parley.example.",
            id="parley.E007",
        )
    ]


# Variables that a running site needs, though a default lets it start; and what goes wrong else.
_UNSAID = {
    "EMAIL_URL": ("letters go into files, and nobody can confirm an address", "smtp+tls://…"),
    "EMAIL_FROM": ("letters come from parley@localhost, and are refused", "Parley <parley@…>"),
    "DATABASE_URL": (
        "everything is in a SQLite file, for one machine and some hundred people",
        "postgres://…, or sqlite:////path if you mean it",
    ),
    "REDIS_URL": ("a Redis without a password on this machine is used", "redis://user:password@…"),
}


@register(Tags.security, deploy=True)
# Any: Django's own signature.
def check_environment(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """What is left out, where the default is for one's own machine."""
    found: list[CheckMessage] = [
        Warning(
            f"{name} is not set: {_UNSAID[name][0]}.",
            hint=f"Set {name}={_UNSAID[name][1]} (.env.example).",
            id="parley.W012",
        )
        for name in settings.ENV.unsaid
        if name in _UNSAID
    ]
    if settings.ENV.trusted_proxies == 0:
        found.append(
            Error(
                "TRUSTED_PROXIES is 0: no request counts as TLS, and every page redirects to "
                "itself without end.",
                hint="Set it to how many servers stand in front: 1 with deploy/nginx.conf.",
                id="parley.E008",
            )
        )
    return found


@register(Tags.security)
# Any: Django's own signature.
def check_turn(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """A browser throws on an address it cannot read, and then there is no sound at all."""
    wrong = [url for url in settings.TURN_URLS if not url.startswith(("turn:", "turns:"))]
    if wrong:
        hint = "Write them as turn:host:port or turns:host:port?transport=tcp."
        return [
            Error(
                f"TURN_URLS names {', '.join(wrong)}, which is no TURN server.",
                hint=hint,
                id="parley.E004",
            )
        ]
    if settings.TURN_URLS and not settings.TURN_SECRET:
        hint = "Set it to the static-auth-secret of the TURN servers."
        return [Error("TURN_URLS is set and TURN_SECRET is not.", hint=hint, id="parley.E005")]
    return []


@register(
    Tags.database
)  # Django leaves these out unless asked: `manage.py check --database default`, and by `migrate`.
# Any: Django's own signature.
def check_services(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Ask Redis and the relays.

    Warnings, because a database may well be migrated before they are started.
    """
    if kwargs.get("databases") is None:
        return []
    if not health.broker():
        hint = (
            "Start Redis or Valkey and set REDIS_URL, or use `manage.py run`, which brings its own."
        )
        return [Warning("Redis does not answer.", hint=hint, id="parley.W010")]
    if not health.relays():
        hint = "Start `python -m media_relay` with the same REDIS_URL."
        return [
            Warning("No media relay is up, so nobody can be heard.", hint=hint, id="parley.W011")
        ]
    return []

"""Parley's own system checks: what would make a running site weak or mute, said before it runs."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

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

"""One line a record on standard error; the supervisor puts the process's name in front."""

import logging
import re
from typing import Any

# Whoever knows one of these addresses may do what it is for. A test holds them against the routes;
# deploy/nginx.conf has the same.
_SECRET = re.compile(
    r"""((?:/appeal|/unsubscribe|/settings/data|/spaces/calendar|/password/reset/key)/"""
    r"""|[?&](?:sign|token|key|secret)=)[^\s/?&#"'<>]+?(?=\.ics\b|[\s/?&#"'<>]|$)"""
)


def mask(text: str) -> str:
    """Return `text` with stars in place of secrets in the addresses that it names."""
    return _SECRET.sub(r"\1***", text)


class LineFormatter(logging.Formatter):
    """Leaves out the traceback of an answer below 500, and what is secret in addresses.

    Of a view that raises PermissionDenied, Django logs where it was raised: it is meant to be, and
    strangers must not be able to fill the log with it. `status_code` is Django's own; a record
    without one is not about an answer.
    """

    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info and getattr(record, "status_code", 500) < 500:
            # A copy, because other handlers get the same record.
            bare = {**vars(record), "exc_info": None, "exc_text": None}
            record = logging.makeLogRecord(bare)
        return mask(super().format(record))


TIME = "%Y-%m-%dT%H:%M:%S%z"


def config(level: str) -> dict[str, Any]:  # Any: logging's own dictConfig schema.
    """Return the dictConfig for every Django process."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": LineFormatter,
                "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
                "datefmt": TIME,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "daphne": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
        },
    }

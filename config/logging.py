"""One line a record on standard error; the supervisor puts the process's name in front."""

import logging
from typing import Any


class LineFormatter(logging.Formatter):
    """Leaves out the traceback of an answer below 500.

    Of a view that raises PermissionDenied, Django logs where it was raised: it is meant to be, and
    strangers must not be able to fill the log with it. `status_code` is Django's own; a record
    without one is not about an answer.
    """

    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info and getattr(record, "status_code", 500) < 500:
            # A copy, because other handlers get the same record.
            bare = {**vars(record), "exc_info": None, "exc_text": None}
            record = logging.makeLogRecord(bare)
        return super().format(record)


def config(level: str) -> dict[str, Any]:  # Any: logging's own dictConfig schema.
    """Return the dictConfig for every Django process."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": LineFormatter,
                "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
                "datefmt": "%H:%M:%S",
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

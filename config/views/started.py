"""When this process began: what is compiled into it is as old as that."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

_STARTED_AT = timezone.now()


def started_at(request: HttpRequest, **kwargs: object) -> datetime:
    return _STARTED_AT

"""A room's refusal as an HTTP answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from rest_framework import status
from rest_framework.exceptions import APIException

from spaces.rooms.errors import ErrorCode, RoomError

# The code alone decides; clients read it from the body too.
STATUS = {
    ErrorCode.LOG_IN: status.HTTP_401_UNAUTHORIZED,
    ErrorCode.NOT_ALLOWED: status.HTTP_403_FORBIDDEN,
    ErrorCode.PROTECTED_ACCOUNT: status.HTTP_403_FORBIDDEN,
    ErrorCode.NOT_AVAILABLE: status.HTTP_404_NOT_FOUND,
    ErrorCode.TOO_LARGE: status.HTTP_413_REQUEST_ENTITY_TOO_LARGE,
    ErrorCode.RATE_LIMITED: status.HTTP_429_TOO_MANY_REQUESTS,
    ErrorCode.TOO_SOON: status.HTTP_429_TOO_MANY_REQUESTS,
}


@contextmanager
def refusals() -> Iterator[None]:
    """Turn a RoomError into the answer with its code.

    What is badly written is 400, what does not fit now is 409.
    """
    try:
        yield
    except RoomError as error:
        refusal = APIException(error.text, code=error.code)
        is_badly_written = error.code.startswith("bad_")
        default = status.HTTP_400_BAD_REQUEST if is_badly_written else status.HTTP_409_CONFLICT
        refusal.status_code = STATUS.get(error.code, default)
        raise refusal from error

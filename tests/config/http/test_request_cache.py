import itertools

from django.http import HttpRequest, HttpResponse

from config.http import request_cache


def asked(method: str, times: int) -> list[int]:
    """What `once` returns, asked so often during one request of this method."""
    numbers = itertools.count()
    found: list[int] = []

    def view(request: HttpRequest) -> HttpResponse:
        found.extend(request_cache.once("key", lambda: next(numbers)) for _ in range(times))
        return HttpResponse()

    request = HttpRequest()
    request.method = method
    request_cache.RequestCacheMiddleware(view)(request)
    request_cache.RequestCacheMiddleware(view)(request)
    return found


def test_it_keeps_a_value_for_one_reading_request() -> None:
    assert asked("GET", 3) == [0, 0, 0, 1, 1, 1]


def test_it_keeps_nothing_in_a_request_that_writes() -> None:
    assert asked("POST", 2) == [0, 1, 2, 3]


def test_it_keeps_nothing_outside_a_request() -> None:
    numbers = itertools.count()
    assert [request_cache.once("key", lambda: next(numbers)) for _ in range(2)] == [0, 1]


def test_it_builds_anew_what_was_forgotten() -> None:
    numbers = itertools.count()
    found: list[int] = []

    def view(request: HttpRequest) -> HttpResponse:
        found.append(request_cache.once("key", lambda: next(numbers)))
        request_cache.forget("key")
        request_cache.forget("never kept")
        found.append(request_cache.once("key", lambda: next(numbers)))
        return HttpResponse()

    request = HttpRequest()
    request.method = "GET"
    request_cache.RequestCacheMiddleware(view)(request)
    request_cache.forget("key")  # Outside a request there is nothing to forget.
    assert found == [0, 1]

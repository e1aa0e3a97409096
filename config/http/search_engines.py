"""What search engines may keep."""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def kept_from_search(view: View[P]) -> View[P]:
    """Ask search engines to keep nothing of the view's answers.

    For secret addresses: the file for robots must not name them, and programs that heed it must
    get at some. https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag
    """

    @functools.wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return answer

"""Work after a commit that may fail without failing the request: what it is about is stored."""

from collections.abc import Callable
from typing import ParamSpec

from django.db import transaction

P = ParamSpec("P")


def after_commit(work: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Do it once the transaction is committed; an error is logged."""

    # A function, because Django names in the log what has failed: a partial or an object has no
    # name, and that error would fail the request.
    def run() -> None:
        work(*args, **kwargs)

    transaction.on_commit(run, robust=True)

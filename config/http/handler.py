"""The way from the web server into Django: one thread does all of a request.

Django's own way goes there and back for each signal, for the middleware and for the view, and
makes a thread for every request, so that no connection to the database could be kept.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import IO, Any, cast

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.http import FileResponse, HttpResponseBase
from django.urls import set_script_prefix

from config.http.monitoring import ANSWERS
from config.views import errors

# Each keeps a connection to the database (CONN_MAX_AGE); PostgreSQL takes a hundred from all.
THREADS = 24
_pages = ThreadPoolExecutor(THREADS, "page")
# Monitors are answered while every page waits for something.
_monitors = ThreadPoolExecutor(2, "monitor")

# Any: as ASGI and Django have it.
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class Handler(ASGIHandler):
    def load_middleware(self, is_async: bool = False) -> None:
        """Make the chain of plain functions, whatever else its links could be."""
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with closing(body):
            listening = asyncio.create_task(self.listen_for_disconnect(receive))
            answering = asyncio.create_task(self._answer(scope, body, send))
            await asyncio.wait({listening, answering}, return_when=asyncio.FIRST_COMPLETED)
            # Who has gone away waits for no answer; what its thread does is done to the end.
            unfinished = [task for task in (listening, answering) if not task.done()]
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
        for task in (listening, answering):
            error = None if task.cancelled() else task.exception()
            if error is not None and not isinstance(error, RequestAborted):
                raise error

    async def _answer(self, scope: Scope, body: IO[bytes], send: Send) -> None:
        pool = _monitors if scope["path"] in ANSWERS else _pages
        in_thread = sync_to_async(self._respond, thread_sensitive=False, executor=pool)
        response = await in_thread(scope, body)
        if not response.streaming:
            await self.send_response(response, send)
            return
        async with ThreadSensitiveContext():  # A file is read in a thread of its own.
            await self.send_response(response, send)
            await sync_to_async(response.close)()

    def _respond(self, scope: Scope, body: IO[bytes]) -> HttpResponseBase:
        """Return the answer; what comes as a whole is closed, as nothing more is asked of it."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response = cast(HttpResponseBase, self.get_response(request) if request else refusal)
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size  # The web server cuts it anyway.
        if not response.streaming:
            response.close()
        return response

    def create_request(
        self, scope: Mapping[str, Any], body_file: IO[bytes]
    ) -> tuple[ASGIRequest, None] | tuple[None, HttpResponseBase]:  # Any: Django's signature.
        """Answer 400 to headers that Django cannot read, of which it catches one kind alone."""
        try:
            return super().create_request(scope, body_file)
        except ValueError:
            return None, errors.unreadable(scope["path"])

"""The stack of these tests and a person at it, without a browser."""

import http.cookiejar
import itertools
import json
import re
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.dev.demo.people import PASSWORD
from tests.stack import parley
from tests.stack.parley import Parley
from tests.stack.postgres import Postgres
from tests.stack.valkey import Valkey

WRITERS = 20  # More than there are faults.
TIMEOUT_S = 40.0  # Longer than any page may take: what hangs is seen as what it is.


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: Mapping[str, str]
    took_s: float

    @property
    def json(self) -> Any:  # Any: JSON.
        return json.loads(self.text)


class Person:
    """A browser without scripts, or a program with a token."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self._cookies)
        )
        self.token = ""

    def get(self, path: str) -> Answer:
        return self._ask(path, None, {})

    def post(
        self, path: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a form with the token of the last page."""
        body = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": self._csrf()}).encode()
        return self._ask(path, body, {"Referer": self.url, **(headers or {})})

    def send(self, path: str, data: object) -> Answer:
        """Send JSON to the API."""
        return self._ask(path, json.dumps(data).encode(), {"Content-Type": "application/json"})

    def upload(self, path: str, fields: Mapping[str, str], name: str, file: bytes) -> Answer:
        """Send a form with a picture."""
        edge = "----parley"
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in {**fields, "csrfmiddlewaretoken": self._csrf()}.items()
        ]
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="a.png"\r\n'
        parts += [f"{head}Content-Type: image/png\r\n\r\n".encode(), file]
        body = b"".join(parts) + f"\r\n--{edge}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={edge}", "Referer": self.url}
        return self._ask(path, body, kind)

    def log_in(self, handle: str, password: str = PASSWORD) -> Answer:
        if not self._csrf():
            self.get("/account/login/")
        return self.post("/account/login/", {"login": handle, "password": password})

    def _csrf(self) -> str:
        return next((one.value or "" for one in self._cookies if one.name == "csrftoken"), "")

    def _ask(self, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        request = urllib.request.Request(f"{self.url}{path}", body, dict(headers))
        if self.token:
            request.add_header("Authorization", f"Token {self.token}")
        begun = time.monotonic()
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                return _read(answer.status, answer, begun)
        except urllib.error.HTTPError as error:
            return _read(error.code, error, begun)


def _read(status: int, answer: Any, begun: float) -> Answer:  # Any: both kinds of response.
    text = answer.read().decode(errors="replace")
    return Answer(status, text, answer.headers, time.monotonic() - begun)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """Lay a file system of its own over `folder`. Needs root."""
    options = f"size={megabytes}m,mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "parley-parts", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


class Parts:
    """A running Parley and what it leans on, each of which can be taken away (`faults`)."""

    def __init__(self, stack: Parley, valkey: Valkey, postgres: Postgres | None = None) -> None:
        self.stack = stack
        self.valkey = valkey
        self.postgres = postgres

    @property
    def database(self) -> Path:
        return self.stack.data_dir / "parley.sqlite3"

    def ready(self) -> Answer:
        return Person(self.stack.url).get("/readyz")


@dataclass(frozen=True)
class Writer:
    """Somebody with a browser, a program and a conversation."""

    browser: Person
    program: Person
    conversation: str


class Site(Parts):
    """With people, and what they look at."""

    def __init__(self, stack: Parley, valkey: Valkey, postgres: Postgres | None = None) -> None:
        super().__init__(stack, valkey, postgres)
        self.alice = Person(stack.url)
        assert self.alice.log_in("alice").status == 200
        self.program = self._program("alice")
        self.listener = self._program("bob")
        self._writers = itertools.count(1)
        self.paths = self._find_paths()

    def new_writer(self) -> Writer:
        """Return somebody who has written nothing yet: nobody may write as fast as faults pass."""
        handle = f"demo{next(self._writers)}"
        browser = Person(self.stack.url)
        assert browser.log_in(handle).status == 200
        return Writer(browser, self._program(handle), _conversation(browser))

    def _program(self, handle: str) -> Person:
        program = Person(self.stack.url)
        answer = program.send("/api/v1/auth/token/", {"handle": handle, "password": PASSWORD})
        program.token = answer.json["token"]
        return program

    def _find_paths(self) -> dict[str, str]:
        """Return an address of each kind of page."""
        home = self.alice.get("/").text
        thread = re.findall(r'href="(/posts/\d+/)"', home)[0]
        return {
            "home": "/",
            "explore": "/explore/",
            "thread": thread,
            "profile": "/@bob/",
            "room": self._space(),
            "conversation": _conversation(self.alice),
            "notifications": "/alerts/",
            "search": "/search/?q=a",
            "spaces": "/spaces/",
            "settings": "/settings/",
        }

    def _space(self) -> str:
        answer = self.program.send("/api/v1/spaces/", {"title": "Steady hands"})
        public_id = answer.json["id"]
        self.program.send(f"/api/v1/spaces/{public_id}/start/", {})
        return f"/spaces/{public_id}/"

    @property
    def space(self) -> str:
        """The id of the live Space, whose host is alice."""
        return self.paths["room"].split("/")[2]


def _conversation(person: Person) -> str:
    """Begin a conversation with bob and return its address."""
    person.post("/messages/to/bob/", {"text": "Hello"})
    return str(re.findall(r'href="(/messages/\d+/)"', person.get("/messages/").text)[0])


@contextmanager
def running_site(folder: Path, postgres: Postgres | None = None) -> Iterator[Site]:
    """Yield a site with its people; on SQLite without `postgres`."""
    valkey = Valkey().start()
    try:
        settings = {"REDIS_URL": valkey.url, "DEMO_ACCOUNTS": str(WRITERS)}
        if postgres is not None:
            settings["DATABASE_URL"] = postgres.url
        stack = parley.start(folder, settings)
        try:
            yield Site(stack, valkey, postgres)
        finally:
            stack.stop()
    finally:
        valkey.remove()

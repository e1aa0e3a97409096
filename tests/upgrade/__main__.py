"""`make upgrade`: a former release serves and writes while this one is prepared and takes over.

On PostgreSQL and Valkey of its own: the former release's web, people who post pictures, write
messages, sign up and run rooms all the time; `prepare` of this release; its web beside the other;
the former one stops. At the end everything that was answered is looked for, by this release.
"""

import argparse
import base64
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.stack.parley import ROOT, free_port
from tests.stack.postgres import running_postgres
from tests.stack.valkey import running_valkey

# The last one before modules, names and columns moved.
FORMER = "c94a232"
TIMES = 3  # Each thing is done so often between two steps, and however often while one takes.
LONGEST_S = 180.0
PEOPLE = 4  # Of each kind.
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
MAKE_PEOPLE = f"""
import json
from knox.models import AuthToken
from allauth.account.models import EmailAddress
from accounts.models import User
tokens = {{}}
for n in range({PEOPLE}):
    for kind in ("poster", "writer", "host"):
        name = kind + str(n)
        user = User.objects.create_user(name, name + "@people.example", None)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        tokens[name] = AuthToken.objects.create(user)[1]
print(json.dumps(tokens))
"""
COUNT = """
import json
from accounts.models import User
from posts.models import Message, Post
from spaces.models import Space
print(json.dumps({
    "post": list(Post.objects.filter(image_count=1).values_list("text", flat=True)),
    "message": list(Message.objects.values_list("text", flat=True)),
    "sign-up": list(User.objects.values_list("handle", flat=True)),
    "room": list(Space.objects.filter(state="ended").values_list("title", flat=True)),
}))
"""


@dataclass
class Site:
    """What people see of it: one address, behind which webs come and go."""

    ports: list[int]
    tokens: Mapping[str, str]
    step: str = "former release alone"
    done: dict[str, list[str]] = field(default_factory=dict)
    by_step: Counter[tuple[str, str]] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def ask(self, who: str, path: str, body: bytes, kind: str, method: str = "POST") -> Any:
        """Return the JSON of an answer. Raises OSError for a refusal."""
        number = next(self.numbers)
        headers = {
            "Content-Type": kind,
            "X-Forwarded-For": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
        }
        if who:
            headers["Authorization"] = f"Token {self.tokens[who]}"
        else:
            headers |= {"Cookie": f"csrftoken={'a' * 32}", "X-CSRFToken": "a" * 32}
        port = self.ports[number % len(self.ports)]
        address = f"http://127.0.0.1:{port}{path}"
        request = urllib.request.Request(address, body, headers, method=method)
        with urllib.request.build_opener(Stay()).open(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text.startswith(b"{") else {}

    def say(self, who: str, path: str, method: str = "POST", **values: object) -> Any:
        return self.ask(who, path, json.dumps(values).encode(), "application/json", method)

    def await_use(self) -> None:
        """Return when people have done each thing some times since this step began.

        Raises TimeoutError.
        """
        until = time.monotonic() + LONGEST_S
        while min(self.by_step[self.step, kind] for kind in ACTS) < TIMES:
            if time.monotonic() > until:
                raise TimeoutError(f"Not everything was done during “{self.step}”: {self.by_step}")
            time.sleep(0.1)

    def keep_on(self, kind: str, act: Callable[[str], None], pause_s: float) -> None:
        """Do it until the end; what was answered is noted, and so is what was not."""
        while not self.over.is_set():
            name = f"{kind}{next(self.numbers)}"
            step = self.step
            try:
                act(name)
            except OSError as error:
                why = error.read()[:200] if isinstance(error, urllib.error.HTTPError) else b""
                self.failed.append(f"{kind} during “{step}”: {error} {why!r}")
            else:
                self.done.setdefault(kind, []).append(name)
                self.by_step[step, kind] += 1
            self.over.wait(pause_s)


class Stay(urllib.request.HTTPRedirectHandler):
    """A form that was taken answers with a redirect; where to is no matter here."""

    def http_error_302(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any) -> Any:
        return fp


def post(site: Site, name: str) -> None:
    edge = "edge0123456789"
    head = (
        f'--{edge}\r\nContent-Disposition: form-data; name="text"\r\n\r\n{name}\r\n'
        f'--{edge}\r\nContent-Disposition: form-data; name="images"; filename="a.png"\r\n'
        "Content-Type: image/png\r\n\r\n"
    ).encode()
    body = head + PIXEL + f"\r\n--{edge}--\r\n".encode()
    poster = f"poster{next(site.numbers) % PEOPLE}"
    site.ask(poster, "/api/v1/posts/", body, f"multipart/form-data; boundary={edge}")


def write(site: Site, name: str) -> None:
    number = next(site.numbers) % PEOPLE
    site.say(f"writer{number}", f"/api/v1/messages/to/writer{(number + 1) % PEOPLE}/", text=name)


def sign_up(site: Site, name: str) -> None:
    handle = name.replace("-", "_")
    form = {"email": f"{handle}@people.example", "username": handle, "time_zone": "UTC"}
    body = urlencode({**form, "password1": "a-long-sentence-works"}).encode()
    site.ask("", "/account/signup/", body, "application/x-www-form-urlencoded")


def hold_room(site: Site, name: str) -> None:
    """Open, start, rename and end one: a row of a seat each time, and four changes."""
    host = f"host{next(site.numbers) % PEOPLE}"
    place = f"/api/v1/spaces/{site.say(host, '/api/v1/spaces/', title='Soon')['id']}/"
    site.say(host, place + "start/")
    site.say(host, place, method="PATCH", title=name)
    site.say(host, place + "end/")


ACTS: dict[str, Callable[[Site, str], None]] = {
    "post": post,
    "message": write,
    "sign-up": sign_up,
    "room": hold_room,
}
# A client that did not wait for its answer, as a probe of this drill on a busy machine.
TRACEBACK = "Traceback (most recent call last)"
NO_FAULT = "django.core.exceptions.RequestAborted"


def main() -> int:
    """Return 1 if anything failed or was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.upgrade")
    parser.add_argument("--former", default=FORMER, help="the commit to come from")
    former = parser.parse_args().former
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-upgrade-")))
        database = stack.enter_context(running_postgres())
        valkey = stack.enter_context(running_valkey())
        environ = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PARLEY_MODE": "development",
            "DEMO": "false",
            "DATABASE_URL": database,
            "REDIS_URL": valkey.url,
            "DATA_DIR": str(folder / "data"),
            "TRUSTED_PROXIES": "1",
        }
        old = former_release(former, folder)
        with_extras = {**environ, "PYTHONPATH": str(folder / "packages")}
        tell(f"database of {former}")
        manage(old, with_extras, "migrate", "--skip-checks", "-v", "0")
        made = manage(old, with_extras, "shell", "-c", MAKE_PEOPLE)
        tokens = json.loads(made.splitlines()[-1])
        ports = free_port(), free_port()
        first = serve(stack, old, with_extras, ports[0], folder / "former.log")
        site = Site([ports[0]], tokens)
        people = [
            threading.Thread(
                target=site.keep_on,
                args=(
                    kind,
                    lambda name, act=act: act(site, name),
                    0.5 if kind == "message" else 1.0,
                ),
            )
            for kind, act in ACTS.items()
        ]
        for one in people:
            one.start()
        try:
            site.await_use()
            site.step = "prepare of this release"
            tell(site.step)
            manage(ROOT, environ, "prepare")
            site.step = "former release on the new tables"
            tell(site.step)
            site.await_use()
            second = serve(stack, ROOT, environ, ports[1], folder / "this.log")
            site.step = "both side by side"
            tell(site.step)
            site.ports = list(ports)
            site.await_use()
            site.ports = [ports[1]]
            site.step = "the former one stops"
            tell(site.step)
            site.await_use()  # Each kind is one thread: nothing is under way at the former one then.
            first.terminate()
            first.wait(60)
            site.step = "this release alone"
            tell(site.step)
            site.await_use()
        finally:
            site.over.set()
            for one in people:
                one.join()
        assert second.poll() is None
        found = json.loads(manage(ROOT, environ, "shell", "-v", "0", "-c", COUNT).splitlines()[-1])
        logs = {name: (folder / f"{name}.log").read_text() for name in ("former", "this")}
    return report(site, found, logs)


def report(site: Site, found: Mapping[str, list[str]], logs: Mapping[str, str]) -> int:
    tell(f"{'':34}" + "".join(f"{kind:>9}" for kind in found))
    for step in dict.fromkeys(step for step, _ in site.by_step):
        tell(f"{step:34}" + "".join(f"{site.by_step[step, kind]:9}" for kind in found))
    lost = [
        name
        for kind, names in site.done.items()
        for name in names
        if name.replace("-", "_" if kind == "sign-up" else "-") not in set(found[kind])
    ]
    tracebacks = {name: log.count(TRACEBACK) - log.count(NO_FAULT) for name, log in logs.items()}
    tell(f"failed: {len(site.failed)}; lost: {len(lost)}; tracebacks: {tracebacks}")
    for one in [*site.failed[:10], *lost[:10]]:
        tell(one)
    for log in logs.values():
        if TRACEBACK in log:
            tell(log[log.index(TRACEBACK) :][:3000])
    return 1 if site.failed or lost or any(tracebacks.values()) else 0


def former_release(commit: str, folder: Path) -> Path:
    """Lay out the source of `commit`, and what it needs that this release does not."""
    place = folder / "former"
    place.mkdir()
    archive = subprocess.run(
        ["git", "archive", commit], cwd=ROOT, check=True, stdout=subprocess.PIPE
    ).stdout
    subprocess.run(["tar", "-x", "-C", place], input=archive, check=True)
    wanted = [
        line.split("#")[0].split(";")[0].strip() for line in (place / "requirements.txt").open()
    ]
    missing = [line for line in wanted if line and not is_installed(line)]
    tell(f"{commit} needs besides: {', '.join(missing) or 'nothing'}")
    if missing:
        # In the versions that it pins; here for it alone.
        pins = folder / "pins.txt"
        pins.write_text("\n".join(re.sub(r"\[.*?\]", "", line) for line in wanted if line))
        pip = [sys.executable, "-m", "pip", "install", "-q", "--root-user-action=ignore"]
        subprocess.run(
            [*pip, "--target", str(folder / "packages"), "-c", str(pins), *missing], check=True
        )
    return place


def is_installed(requirement: str) -> bool:
    name, _, version = requirement.partition("==")
    try:
        return metadata.version(name.partition("[")[0]) == version
    except metadata.PackageNotFoundError:
        return False


def manage(place: Path, environ: Mapping[str, str], *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=place,
        env=environ,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def serve(
    stack: ExitStack, place: Path, environ: Mapping[str, str], port: int, log: Path
) -> "subprocess.Popen[bytes]":
    """Start a web and return it when it serves."""
    argv = [sys.executable, "-m", "daphne", "-v", "0", "-b", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(
        [*argv, "config.asgi:application"],
        cwd=place,
        env=environ,
        stdout=stack.enter_context(log.open("wb")),
        stderr=subprocess.STDOUT,
    )
    stack.callback(process.wait, 60)
    stack.callback(process.terminate)
    until = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return process


def tell(text: str) -> None:
    print(f"upgrade: {time.strftime('%H:%M:%S')} {text}", flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())

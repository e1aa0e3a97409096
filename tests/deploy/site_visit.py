"""A person's first minutes on a site that has just been made, from this machine by its public name:
sign up, post a picture, open a room. `python site_visit.py HOST`, with the standard library and
what Parley needs, so that it runs where nothing of the tests is.
"""

import base64
import http.cookiejar
import io
import json
import os
import re
import secrets
import socket
import socketserver
import ssl
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from email.message import Message
from typing import Any
from urllib.parse import urlencode

from PIL import Image

MAIL_PORT = 2525  # EMAIL_URL of the site names it.
PASSWORD = secrets.token_urlsafe(16)
REPLAY = """
from datetime import timedelta
from pathlib import Path
from django.conf import settings
from django.utils import timezone
from accounts.models import User
from config.http.file_response import let_group_read
from spaces.models import Recording, Space
from spaces.services import scheduling, signed_urls
host = User.objects.get(handle={handle!r})
space = scheduling.open_now(host, scheduling.SpaceDraft("Said before"))
now = timezone.now()
times = dict(started_at=now - timedelta(hours=1), ended_at=now)
Space.objects.filter(pk=space.pk).update(state=Space.State.ENDED, **times)
later = now + timedelta(days=30)
recording = Recording.objects.create(space=space, state=Recording.State.READY, version=1,
    started_at=now, due_at=now, duration_ms=1000, expires_at=later)
folder = Path(settings.MEDIA_ROOT) / recording.media_name
folder.mkdir(parents=True)
(folder / "replay.mp4").write_bytes(bytes(range(256)) * 64)
let_group_read(folder)
print("signed", signed_urls.replay_url(recording, "replay.mp4", None))
"""


class MailBox(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as it takes to get a letter."""

    letters: list[str] = []

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                self.letters.append(b"".join(lines).decode())
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **named: Any) -> None:  # Any: urllib's own signature.
        return None


class Site:
    """A browser with cookies at `https://host`, which is this machine."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.context = ssl.create_default_context()
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE  # The site's own, until certbot has run.
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            NoRedirect(),
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=self.context),
            urllib.request.HTTPCookieProcessor(self.cookies),
        )
        self.headers: dict[str, str] = {}

    def ask(
        self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Message, bytes]:
        """Return status, headers and body. `path` may be a whole address."""
        address = path if "://" in path else f"https://{self.host}{path}"
        here = {"Referer": f"https://{self.host}/", "X-CSRFToken": self.cookie("csrftoken")}
        request = urllib.request.Request(address, body, {**here, **self.headers, **(headers or {})})
        try:
            answer = self.opener.open(request, timeout=20)
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()
        with answer:
            return answer.status, answer.headers, answer.read()

    def submit(self, path: str, **fields: str) -> tuple[int, Message, bytes]:
        return self.ask(path, urlencode(fields).encode())

    def send_json(self, path: str, value: object) -> tuple[int, Message, bytes]:
        return self.ask(path, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def cookie(self, name: str) -> str:
        return next((one.value or "" for one in self.cookies if one.name == name), "")

    def first_message(self, path: str) -> dict[str, Any]:  # Any: JSON.
        """Open a WebSocket (RFC 6455) with the cookies, and return the first thing it says."""
        link = self.context.wrap_socket(
            socket.create_connection((self.host, 443), 20), server_hostname=self.host
        )
        cookies = "; ".join(f"{one.name}={one.value}" for one in self.cookies)
        key = base64.b64encode(os.urandom(16)).decode()
        link.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\nOrigin: https://{self.host}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nCookie: {cookies}\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        with link, link.makefile("rb") as stream:
            expect("socket", stream.readline().split()[1], b"101")
            while stream.readline().strip():
                pass
            length = stream.read(2)[1]  # From a server nothing is masked.
            if length == 126:
                length = struct.unpack("!H", stream.read(2))[0]
            elif length == 127:
                length = struct.unpack("!Q", stream.read(8))[0]
            said: dict[str, Any] = json.loads(stream.read(length))
            return said


def expect(what: str, found: object, wanted: object) -> None:
    print(f"visit: {what}: {found!r}", flush=True)  # noqa: T201  The log of the try.
    if found != wanted:
        sys.exit(f"visit: {what} is {found!r}, and should be {wanted!r}")


def picture() -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(file, "PNG")
    return file.getvalue()


def check_doors(site: Site) -> None:
    """What monitors, strangers and browsers get before anybody has an account."""
    expect("readyz through nginx", site.ask("/readyz")[0], 200)
    for port in (8000, 8001):
        for path in ("healthz", "readyz", "metrics"):
            own = site.ask(f"http://127.0.0.1:{port}/{path}", headers={"Host": "anything"})
            expect(f"{path} on port {port}", own[0], 200)
    expect("metrics through nginx", site.ask("/metrics")[0], 404)
    status, headers, _ = site.ask(f"http://{site.host}/explore/")
    expect("plain http", (status, headers["Location"]), (301, f"https://{site.host}/explore/"))
    try:
        site.ask(f"http://{site.host}/", headers={"Host": "evil.example"})
    except OSError:
        expect("another host on port 80", "closed", "closed")
    else:
        expect("another host on port 80", "answered", "closed")
    status, headers, page = site.ask("/account/login/")
    expect("log-in page", status, 200)
    expect("HSTS", headers["Strict-Transport-Security"], f"max-age={365 * 24 * 3600}")
    policy = headers["Content-Security-Policy"]
    expect("sockets named", f"wss://{site.host}" in policy, True)
    style = re.search(rb'href="(/static/[^"]+\.css)"', page)
    assert style
    status, headers, _ = site.ask(style[1].decode())
    expect("style sheet by nginx", (status, headers["Cache-Control"]), (200, IMMUTABLE))


IMMUTABLE = "max-age=315360000"


def sign_up(site: Site, handle: str) -> None:
    site.ask("/account/signup/")
    answer = site.submit(
        "/account/signup/",
        email=f"{handle}@people.example",
        username=handle,
        password1=PASSWORD,
        time_zone="UTC",
    )
    expect("sign-up", answer[0], 302)
    until = time.monotonic() + 20
    while not MailBox.letters and time.monotonic() < until:
        time.sleep(0.1)
    codes = re.findall(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", MailBox.letters[-1], re.MULTILINE)
    expect("letters with a code", len(codes), 1)
    path = answer[1]["Location"]
    expect("code taken", site.submit(path, code=codes[0])[0], 302)
    expect("logged in", site.ask("/settings/")[0], 200)


def post_picture(site: Site) -> None:
    token = site.send_json("/api/v1/auth/token/", {"handle": HANDLE, "password": PASSWORD})
    expect("token", token[0], 201)
    site.headers = {"Authorization": f"Token {json.loads(token[2])['token']}"}
    edge = secrets.token_hex(8)
    body = (
        f'--{edge}\r\nContent-Disposition: form-data; name="text"\r\n\r\nHello\r\n'
        f'--{edge}\r\nContent-Disposition: form-data; name="images"; filename="a.png"\r\n'
        "Content-Type: image/png\r\n\r\n"
    ).encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
    made = site.ask("/api/v1/posts/", body + picture() + f"\r\n--{edge}--\r\n".encode(), kind)
    expect("post with a picture", made[0], 201)
    image = json.loads(made[2])["images"][0]["url"]
    status, headers, _ = site.ask(image)
    expect("its picture", (status, headers["Content-Type"]), (200, "image/webp"))


def watch_replay(site: Site) -> None:
    """A file that Parley allows and nginx sends."""
    code = REPLAY.format(handle=HANDLE)
    made = subprocess.run(
        ["parley-manage", "shell", "-v", "0", "-c", code],
        check=False,
        capture_output=True,
        text=True,
    )
    signed = re.search(r"signed (\S+)", made.stdout)
    if not signed:
        sys.exit(made.stdout + made.stderr)
    status, headers, body = site.ask(signed[1], headers={"Range": "bytes=16-31"})
    expect("part of a replay by nginx", (status, body), (206, bytes(range(16, 32))))
    expect("kept private", headers["Cache-Control"].startswith("private"), True)
    expect("without its signature", site.ask(signed[1].partition("?")[0])[0], 403)
    hidden = signed[1].replace("/spaces/", "/protected-media/replays/").partition("?")[0]
    expect("around Parley", site.ask(hidden)[0], 404)


def enter_room(site: Site) -> None:
    made = site.send_json("/api/v1/spaces/", {"title": "First words"})
    expect("Space", made[0], 201)
    space = json.loads(made[2])["id"]
    expect("its start", site.send_json(f"/api/v1/spaces/{space}/start/", {})[0], 200)
    expect("its page", site.ask(f"/spaces/{space}/")[0], 200)
    said = site.first_message(f"/ws/spaces/{space}/")
    expect("the room's first message", said["type"], "space.snapshot")


HANDLE = f"ayu{secrets.token_hex(3)}"


def main(host: str) -> None:
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    socketserver.ThreadingTCPServer.daemon_threads = True
    mail = socketserver.ThreadingTCPServer(("127.0.0.1", MAIL_PORT), MailBox)
    threading.Thread(target=mail.serve_forever, daemon=True).start()
    site = Site(host)
    check_doors(site)
    sign_up(site, HANDLE)
    post_picture(site)
    watch_replay(site)
    enter_room(site)


if __name__ == "__main__":
    main(sys.argv[1])

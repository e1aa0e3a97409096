"""Every rate: so much is let through, the first one more is refused, by whatever process it is
counted.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from limits import parse

from accounts.models import User
from config.http import rate_limits
from config.http.rate_limits import RATES, ROOM_RATES
from config.limits import LIMITS
from posts.services import posting
from spaces.consumers import rate_limits as room_rate_limits
from tests.accounts.people import PASSWORD, browser_of, person
from tests.stack.parley import ROOT

# A process of its own that does `hits` of each name and prints how many were let through.
COUNT = """
import json, os, sys, django
django.setup()
from config.http import rate_limits as rates
def let(hit, name, hits):
    return sum(hit(name, *sys.argv[2:]) for _ in range(hits))
rooms = {name: min(int(rate.amount) for rate in group) for name, group in rates.ROOM_RATES.items()}
found = {name: let(rates.hit, name, rate.amount) for name, rate in rates.RATES.items()}
found |= {name: let(rates.hit_in_room, name, most) for name, most in rooms.items()}
sys.stdout.write(json.dumps(found))
"""


def test_two_processes_let_through_what_one_would() -> None:
    """Each does the whole amount at the same time, so together they are twice too many; by then all
    is refused.
    """
    argv = [sys.executable, "-c", COUNT, "-", "user:1"]
    environ = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "REDIS_URL": settings.REDIS_URL,
        "PATH": "/usr/bin:/bin",
    }
    environ |= {"DATA_DIR": str(settings.DATA_DIR), "DEMO": "0"}
    crew = [subprocess.Popen(argv, cwd=ROOT, env=environ, stdout=subprocess.PIPE) for _ in range(2)]
    one, two = (json.loads(process.communicate(timeout=60)[0]) for process in crew)
    # As they are where there is no demo.
    sites_own = {"log_in": 30, "sign_up": 20, "page": 600, "deep": 120, "letters": 60}
    most = {name: rate.amount for name, rate in RATES.items()} | sites_own
    most |= {name: min(int(rate.amount) for rate in group) for name, group in ROOM_RATES.items()}
    together = {name: one[name] + two[name] for name in one}
    # A minute or a second may have turned while they counted; nothing else may let more through.
    over = {
        name: together[name]
        for name in together
        if together[name] > most[name] and name not in TURNED
    }
    assert together.keys() == most.keys() and over == {}
    assert all(together[name] >= most[name] for name in most)


# Windows of a second, and those that take longer to fill than the minute may last.
TURNED = {"reaction", "visit", "part"}


async def test_sockets_and_programs_count_together() -> None:
    """The same command over REST is no way around the limit of the socket."""
    assert all(
        rate_limits.hit_in_room("request", "space", "1") for _ in range(LIMITS.requests_per_minute)
    )
    assert not await room_rate_limits.allows("request", "space", "1")
    assert await room_rate_limits.allows("request", "space", "2")


@pytest.fixture
def _two_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of everything a minute: the third is one too many."""
    monkeypatch.setattr(rate_limits, "RATES", {name: parse("2 per minute") for name in RATES})


Deed = Callable[[int], Any]  # Any: what Django's test client gives.


def deeds(maya: User, budi: User) -> dict[str, Deed]:
    """Every limited thing that pages do, by its name; the number tells one try from the next."""
    me, visitor = browser_of(maya), Client()
    post = posting.publish(budi, "Hello")
    scheduled = {
        "title": "Tea",
        "speak_rule": "invited",
        "language": "en",
        "when": "later",
        "time_zone": "UTC",
    }
    account = {"email": "x@people.example", "username": "x", "password1": "a-long-sentence"}
    wrong = {"login": "maya", "password": "not-this-one"}
    return {
        "sign_up": lambda n: visitor.post("/account/signup/", {**account, "username": f"new{n}"}),
        "log_in": lambda n: visitor.post("/account/login/", {**wrong, "login": f"nobody{n}"}),
        "token": lambda n: visitor.post(
            "/api/v1/auth/token/", {"handle": "maya", "password": PASSWORD}
        ),
        "post": lambda n: me.post("/posts/", {"text": f"Post {n}"}),
        "message": lambda n: me.post("/messages/to/budi/", {"text": f"Message {n}"}),
        "follow": lambda n: me.post("/@budi/follow/", {"on": str(n % 2)}),
        "mark": lambda n: me.post(f"/posts/{post.pk}/like/", {"on": str(n % 2)}),
        "schedule": lambda n: me.post(
            "/spaces/new/", {**scheduled, "date": "2000-01-01", "time": "10:00"}
        ),
        "report": lambda n: me.post(f"/report/person/{budi.pk}/", {"reason": "spam"}),
        "search": lambda n: me.get("/search/", {"q": "tea"}),
        "search of Spaces": lambda n: me.get("/spaces/", {"q": "tea"}),
        "calendar": lambda n: visitor.get("/spaces/of/maya/calendar.ics"),
        "feed": lambda n: visitor.get("/spaces/of/maya/feed.xml"),
    }


NAMES = [
    *("sign_up", "log_in", "token", "post", "message", "follow", "mark", "schedule", "report"),
    *("search", "search of Spaces", "calendar", "feed"),
]


@pytest.mark.usefixtures("_two_a_minute")
@pytest.mark.parametrize("name", NAMES)
def test_the_first_one_too_many_is_refused_with_a_time_to_wait(
    maya: User, budi: User, name: str
) -> None:
    deed = deeds(maya, budi)[name]
    assert [deed(n).status_code == 429 for n in (1, 2)] == [False, False]
    answer = deed(3)
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 120
    if name != "token":
        assert (
            "That was a bit fast" in answer.content.decode()
            and "Try again in" in answer.content.decode()
        )


@pytest.mark.usefixtures("_two_a_minute")
def test_programs_are_refused_in_their_own_way(maya: User) -> None:
    browser = browser_of(maya)
    for _ in range(2):
        browser.post("/api/v1/spaces/", {"title": ""}, content_type="application/json")
    answer = browser.post("/api/v1/spaces/", {"title": ""}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert int(answer["Retry-After"]) >= 1


@pytest.mark.usefixtures("_two_a_minute")
def test_one_persons_haste_is_nobody_elses(maya: User, budi: User) -> None:
    for n in range(3):
        browser_of(maya).post("/posts/", {"text": f"Post {n}"})
    assert browser_of(budi).post("/posts/", {"text": "Post"}).status_code != 429


def test_looking_at_a_form_counts_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "RATES", {**RATES, "log_in": parse("1 per minute")})
    assert {Client().get("/account/login/").status_code for _ in range(5)} == {200}


@pytest.mark.parametrize(
    ("proxies", "who"), [(0, "ip:127.0.0.1"), (1, "ip:203.0.113.7"), (2, "ip:198.51.100.1")]
)
def test_it_counts_the_address_that_the_trusted_proxy_saw(
    rf: object, monkeypatch: pytest.MonkeyPatch, proxies: int, who: str
) -> None:
    monkeypatch.setattr(settings, "ALLAUTH_TRUSTED_PROXY_COUNT", proxies)
    request = rf.get("/", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.7"})  # type: ignore[attr-defined]  # pytest-django's.
    request.user = User()
    monkeypatch.setattr(User, "is_authenticated", False)
    assert rate_limits.who_asks(request) == who


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:0:7:1:2:3:4", "2001:db8:0:7::/64"),
        ("2001:DB8:0:7::9", "2001:db8:0:7::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_it_counts_an_address_by_what_its_owner_cannot_choose(address: str, network: str) -> None:
    assert rate_limits.network_of(address) == network


@pytest.fixture
def maya(db: None) -> User:
    return person("maya", display_name="Maya Okafor")


@pytest.fixture
def budi(db: None) -> User:
    return person("budi", display_name="Budi Santoso")

"""The demo is what a newcomer sees first, and what the browser tests log in to."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import check_password
from django.contrib.staticfiles import finders
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Follow, Notification, User
from config.dev.demo import seeding
from config.dev.demo.people import EVERYBODY, FOLLOWS, LOG_INS, PASSWORD
from config.dev.demo.rooms import ROOMS
from config.dev.demo.words import POSTS, Said
from config.limits import LIMITS
from posts.models import Like, Post
from spaces.models import Space

pytestmark = pytest.mark.django_db

HANDLES = {person.handle for person in EVERYBODY}


def counts() -> tuple[int, ...]:
    models = (User, EmailAddress, Follow, Post, Like, Space, Notification)
    return tuple(model._default_manager.count() for model in models)


def all_said(said: tuple[Said, ...] = POSTS) -> list[Said]:
    return [one for post in said for one in (post, *all_said(post.answers))]


def test_it_makes_people_who_can_log_in() -> None:
    seeding.seed(0)
    for person in LOG_INS:
        user = User.objects.get(handle=person.handle)
        assert check_password(PASSWORD, user.password)
        assert EmailAddress.objects.get(user=user).verified  # allauth asks for it at every log-in.


def test_it_adds_nothing_when_it_runs_again() -> None:
    seeding.seed(2)
    before = counts()
    seeding.seed(2)
    assert counts() == before


def test_it_fills_in_what_was_deleted() -> None:
    seeding.seed(0)
    User.objects.get(handle="maya").delete()
    seeding.seed(0)
    assert Post.objects.filter(author__handle="maya", repost_of=None).count() >= 3


def test_it_gives_everybody_a_drawn_portrait_that_exists() -> None:
    assert [person.handle for person in EVERYBODY if not finders.find(person.portrait)] == []


def test_it_gives_each_log_in_a_full_and_different_home() -> None:
    graphs = {tuple(FOLLOWS[person.handle].split()) for person in LOG_INS}
    assert len(graphs) == len(LOG_INS)
    assert min(len(graph) for graph in graphs) >= 8


def test_it_names_only_people_and_rooms_that_exist() -> None:
    named = {
        name
        for said in all_said()
        for name in (said.author, *said.liked_by.split(), *said.reposted_by.split())
    }
    named |= {name for names in FOLLOWS.values() for name in names.split()} | {
        room.host for room in ROOMS
    }
    assert named <= HANDLES


def test_it_keeps_the_limits_of_a_post_and_of_a_bio() -> None:
    address = "http://localhost:8000/spaces/abcdefghijkm/"
    texts = [
        said.text.replace(f"{{space:{room.key}}}", address) for said in all_said() for room in ROOMS
    ]
    assert max(map(len, texts)) <= LIMITS.post_chars
    assert max(len(person.bio) for person in EVERYBODY) <= LIMITS.bio_chars


def test_it_links_the_planned_spaces_in_posts() -> None:
    seeding.seed(0)
    space = Space.objects.get(title="How we got our river back")
    assert space.state == Space.State.SCHEDULED
    assert Post.objects.filter(
        author__handle="maya", text__contains=space.get_absolute_url()
    ).exists()
    assert not Post.objects.filter(text__contains="{space").exists()


def test_it_spreads_the_posts_over_the_past() -> None:
    seeding.seed(0)
    times = Post.objects.values_list("created_at", flat=True)
    assert max(times) < timezone.now()
    assert (max(times) - min(times)).days >= 2


def test_it_hashes_once_for_a_thousand_numbered_accounts() -> None:
    seeding.add_numbered(1000)
    # One hash for each would take minutes.
    assert User.objects.values("password").distinct().count() == 1
    assert EmailAddress.objects.filter(
        user__handle="demo1000", verified=True, primary=True
    ).exists()


def test_it_adds_only_the_missing_numbers() -> None:
    seeding.add_numbered(3)
    seeding.add_numbered(5)
    assert User.objects.filter(handle__startswith="demo").count() == 5


@pytest.mark.parametrize(("setting", "value"), [("PRODUCTION", True), ("DEMO", False)])
def test_it_refuses(settings: Settings, setting: str, value: bool) -> None:
    setattr(settings, setting, value)
    with pytest.raises(CommandError, match="public password"):
        call_command("seed_demo")
    assert not User.objects.exists()


def test_it_refuses_a_negative_number() -> None:
    with pytest.raises(CommandError, match="negative"):
        call_command("seed_demo", accounts=-1)

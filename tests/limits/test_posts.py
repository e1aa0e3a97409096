"""Posts, polls, drafts, Fleets and messages: the last that fits, and one more."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone
from PIL import Image

from accounts.models import User
from config.limits import LIMITS
from posts.models import Fleet, Message
from posts.services import composing, drafts, fleets, groups, messaging, polls, posting
from posts.services.composing import Composed
from posts.services.drafts import ComposerFields
from posts.services.messaging import NewMessage
from posts.services.polls import NewPoll
from posts.services.posting import Picture
from tests.accounts.people import person

pytestmark = pytest.mark.django_db


def pictures(count: int) -> list[Picture]:
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, "WEBP")
    return [Picture(file.getvalue()) for _ in range(count)]


@pytest.fixture
def maya() -> User:
    return person("maya")


@pytest.fixture
def budi() -> User:
    return person("budi")


def test_a_post_is_as_long_as_it_may_be(maya: User) -> None:
    assert posting.publish(maya, "x" * LIMITS.post_chars).pk
    with pytest.raises(ValidationError, match=str(LIMITS.post_chars)):
        posting.publish(maya, "x" * (LIMITS.post_chars + 1))


def test_a_post_has_as_many_pictures_as_it_may(maya: User) -> None:
    post = posting.publish(maya, "", images=pictures(LIMITS.post_images))
    assert post.images.count() == LIMITS.post_images
    with pytest.raises(ValidationError, match=str(LIMITS.post_images)):
        posting.publish(maya, "", images=pictures(LIMITS.post_images + 1))


def test_a_post_is_edited_as_long_as_it_may_be(maya: User) -> None:
    post = posting.publish(maya, "Tea")
    allowed_until = post.created_at + timedelta(seconds=LIMITS.post_edit_s)
    with time_machine.travel(allowed_until - timedelta(seconds=1)):
        assert posting.may_edit(maya, post)
    with time_machine.travel(allowed_until + timedelta(seconds=1)):
        assert not posting.may_edit(maya, post)


def test_a_thread_has_as_many_posts_as_it_may(maya: User) -> None:
    texts = [f"Part {number}" for number in range(LIMITS.thread_posts + 1)]
    assert len(composing.publish(maya, Composed(texts[1:]))) == LIMITS.thread_posts
    with pytest.raises(ValidationError, match=str(LIMITS.thread_posts)):
        composing.publish(maya, Composed(texts))


def test_as_many_drafts_are_kept_as_may_be(maya: User) -> None:
    for number in range(LIMITS.drafts):
        drafts.save(maya, ComposerFields([f"Draft {number}"]))
    with pytest.raises(ValidationError, match=str(LIMITS.drafts)):
        drafts.save(maya, ComposerFields(["One more"]))


def test_a_poll_has_as_many_options_as_it_may() -> None:
    options = [f"Option {number}" for number in range(LIMITS.poll_options + 1)]
    assert len(polls.clean(NewPoll(options[1:], LIMITS.poll_shortest_s)).options) == (
        LIMITS.poll_options
    )
    with pytest.raises(ValidationError, match=str(LIMITS.poll_options)):
        polls.clean(NewPoll(options, LIMITS.poll_shortest_s))


def test_an_option_is_as_long_as_it_may_be() -> None:
    assert polls.clean(NewPoll(["x" * LIMITS.poll_option_chars, "y"], LIMITS.poll_longest_s))
    with pytest.raises(ValidationError, match=str(LIMITS.poll_option_chars)):
        polls.clean(NewPoll(["x" * (LIMITS.poll_option_chars + 1), "y"], LIMITS.poll_longest_s))


@pytest.mark.parametrize("lasts_s", [LIMITS.poll_shortest_s - 1, LIMITS.poll_longest_s + 1])
def test_a_poll_lasts_as_long_as_it_may(lasts_s: int) -> None:
    with pytest.raises(ValidationError) as refused:
        polls.clean(NewPoll(["Yes", "No"], lasts_s))
    assert refused.value.code == "poll_time"


def test_a_fleet_is_as_long_as_it_may_be_and_stands_as_long(maya: User) -> None:
    fleet = fleets.publish(maya, "x" * LIMITS.fleet_chars, None, Fleet.Audience.PUBLIC)
    stands = fleet.expires_at - timezone.now()
    assert 0 <= LIMITS.fleet_life_s - stands.total_seconds() < 60
    with pytest.raises(ValidationError, match=str(LIMITS.fleet_chars)):
        fleets.publish(maya, "x" * (LIMITS.fleet_chars + 1), None, Fleet.Audience.PUBLIC)


def test_as_many_fleets_stand_as_may(maya: User) -> None:
    for number in range(LIMITS.fleets_alive):
        fleets.publish(maya, f"Fleet {number}", None, Fleet.Audience.PUBLIC)
    with pytest.raises(ValidationError, match=str(LIMITS.fleets_alive)):
        fleets.publish(maya, "One more", None, Fleet.Audience.PUBLIC)


def test_a_group_is_as_large_as_it_may_be(maya: User) -> None:
    people = [person(f"one{number}") for number in range(LIMITS.group_people)]
    assert groups.make(maya, "Class", people[1:]).memberships.count() == LIMITS.group_people
    with pytest.raises(ValidationError, match=str(LIMITS.group_people)):
        groups.make(maya, "Class", people)


def test_a_group_has_a_name_as_long_as_it_may_be(maya: User, budi: User) -> None:
    assert groups.make(maya, "x" * LIMITS.group_name_chars, [budi]).pk
    with pytest.raises(ValidationError, match=str(LIMITS.group_name_chars)):
        groups.make(maya, "x" * (LIMITS.group_name_chars + 1), [budi])


def test_as_many_groups_are_made_as_may_be(maya: User, budi: User) -> None:
    for number in range(LIMITS.groups_made):
        groups.make(maya, f"Group {number}", [budi])
    with pytest.raises(ValidationError, match=str(LIMITS.groups_made)):
        groups.make(maya, "One more", [budi])


def test_a_message_is_taken_back_as_long_as_it_may_be(maya: User, budi: User) -> None:
    message = messaging.send(maya, budi, "Tea?")
    Message.objects.filter(pk=message.pk).update(
        created_at=timezone.now() - timedelta(seconds=LIMITS.message_edit_s - 5)
    )
    message.refresh_from_db()
    assert messaging.may_take_back(maya, message)
    with time_machine.travel(timezone.now() + timedelta(seconds=10)):
        assert not messaging.may_take_back(maya, message)


def test_a_message_has_as_many_pictures_as_it_may(maya: User, budi: User) -> None:
    with pytest.raises(ValidationError, match=str(LIMITS.post_images)):
        messaging.send(maya, budi, NewMessage("", pictures(LIMITS.post_images + 1)))


def test_a_link_goes_to_as_many_people_as_it_may(maya: User) -> None:
    people = [person(f"one{number}") for number in range(LIMITS.share_people + 1)]
    assert len(messaging.share(maya, people[1:], "/explore/")) == LIMITS.share_people
    with pytest.raises(ValidationError, match=str(LIMITS.share_people)):
        messaging.share(maya, people, "/explore/")

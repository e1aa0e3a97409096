"""What happens outside of a room reaches those inside: posts, names, roles and log-ins."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from allauth.mfa.models import Authenticator
from asgiref.sync import sync_to_async
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone
from knox.models import AuthToken

from accounts.models import Report, User
from accounts.moderation import decisions, suspensions
from accounts.moderation.decisions import Reasons
from accounts.services import account_deletion, relationships
from accounts.services.profiles import save_privacy, save_profile
from posts.models import Post
from posts.services import posting
from spaces.models import Seat, Space
from spaces.rooms import service
from spaces.rooms.actor import SYSTEM, Actor
from spaces.rooms.commands import AddPin
from spaces.rooms.outside import LoseLogin
from spaces.services import presence_store
from tests.accounts.people import add_second_factor
from tests.spaces.sockets import RoomSocket, in_room, wire
from tests.spaces.town import acookie_of, alive_space, apeople, aperson

pytestmark = pytest.mark.django_db(transaction=True)


# --- pinned posts ---------------------------------------------------------------------------------


def pin_post(space: Space, host: User, author: User, text: str = "The map") -> Post:
    post = posting.publish(author, text)
    service.execute(space.public_id, Actor(host.pk), AddPin(post.get_absolute_url()))
    return post


def delete(post: Post) -> None:
    posting.delete(post.author, post)


def delete_many(post: Post) -> None:
    Post.objects.filter(author=post.author).delete()


def suspend(user: User) -> None:
    staff, _ = User.objects.get_or_create(handle="staff", email="s@example.org", is_staff=True)
    decisions.suspend(user, staff, Reasons(Report.Reason.SPAM))


def suspend_author(post: Post) -> None:
    suspend(post.author)


def protect_author(post: Post) -> None:
    post.author.is_protected = True
    save_privacy(post.author)


def leave(post: Post) -> None:
    account_deletion.leave(post.author, at_once=False)


def empty_account(post: Post) -> None:
    post.author.delete()


HIDING = [delete, delete_many, suspend_author, protect_author, leave, empty_account]


@pytest.mark.parametrize("hide", HIDING)
async def test_it_takes_a_pinned_post_away_from_everybody_once_it_is_hidden(
    hide: Callable[[Post], None],
) -> None:
    alice, bob, carol = await apeople("alice", "bob", "carol")
    space = await alive_space(alice)
    kept = await sync_to_async(pin_post)(space, alice, carol, "Stays")
    post = await sync_to_async(pin_post)(space, alice, bob)
    async with in_room(space, alice) as host, in_room(space) as visitor:
        assert len(visitor.seen[-1]["pins"]) == 2
        await sync_to_async(hide)(await Post.objects.select_related("author").aget(pk=post.pk))
        for socket in (host, visitor):
            shown = await socket.next("pins.changed")
            assert [pin["post"]["id"] for pin in shown["pins"]] == [kept.pk]
            fresh = await socket.snapshot()
            assert (fresh["rev"], fresh["pins"]) == (shown["rev"], shown["pins"])


async def test_it_shows_a_pinned_post_again_when_its_author_is_back() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    await sync_to_async(pin_post)(space, alice, bob)
    await sync_to_async(suspend)(bob)
    async with in_room(space, alice) as host:
        assert host.seen[-1]["pins"] == []
        await sync_to_async(suspensions.reinstate)(bob)
        assert len((await host.next("pins.changed"))["pins"]) == 1


async def test_it_shows_the_words_of_a_pinned_post_as_they_are_edited() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    post = await sync_to_async(pin_post)(space, alice, bob)
    async with in_room(space, alice) as host:
        await sync_to_async(posting.edit)(bob, post, "The other map")
        assert (await host.next("pins.changed"))["pins"][0]["post"]["text"] == "The other map"


async def test_it_hides_a_pinned_post_by_a_block_from_the_two_alone() -> None:
    alice, bob, carol = await apeople("alice", "bob", "carol")
    space = await alive_space(alice)
    await sync_to_async(pin_post)(space, alice, bob)
    async with in_room(space, alice) as host, in_room(space, carol) as guest:
        await sync_to_async(relationships.block)(carol, bob)
        assert len((await host.next("pins.changed"))["pins"]) == 1
        assert (await guest.next("pins.changed"))["pins"] == []
        assert (await guest.snapshot())["pins"] == []
        await sync_to_async(relationships.unblock)(carol, bob)
        assert len((await guest.next("pins.changed"))["pins"]) == 1


async def test_it_says_nothing_of_posts_that_are_not_pinned() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    post = await sync_to_async(posting.publish)(bob, "Not pinned")
    rev = (await Space.objects.aget(pk=space.pk)).rev
    await sync_to_async(posting.edit)(bob, post, "Edited")
    await sync_to_async(delete)(post)
    assert (await Space.objects.aget(pk=space.pk)).rev == rev


async def test_it_says_a_pin_that_is_taken_down_once() -> None:
    alice = await aperson("alice")
    space = await alive_space(alice)
    await sync_to_async(pin_post)(space, alice, alice)
    async with in_room(space, alice) as host:
        pin = host.seen[-1]["pins"][0]["id"]
        await host.do("pin.remove", pin=pin)
        await host.next("pin.removed", pin=pin)
        assert (await host.snapshot())["rev"] == host.seen[0]["rev"] + 1


# --- people ---------------------------------------------------------------------------------------


def rename(user: User) -> None:
    user.display_name = "Ayu Lestari"
    save_profile(user, [])


def take_another_handle(user: User) -> None:
    User.objects.filter(pk=user.pk).update(handle="ayu_lestari")


def draw_a_portrait(user: User) -> None:
    user.drawn_portrait = "img/other.svg"
    user.save()


LOOKS: list[tuple[Callable[[User], None], str, str]] = [
    (rename, "name", "Ayu Lestari"),
    (take_another_handle, "handle", "ayu_lestari"),
    (take_another_handle, "url", "/@ayu_lestari/"),
    (draw_a_portrait, "avatar", "/static/img/other.svg"),
]


@pytest.mark.parametrize(("change", "field", "value"), LOOKS)
async def test_it_shows_another_name_handle_or_picture_of_who_is_on_stage(
    change: Callable[[User], None], field: str, value: str
) -> None:
    alice = await aperson("alice")
    space = await alive_space(alice)
    async with in_room(space, alice) as host, in_room(space) as visitor:
        await sync_to_async(change)(alice)
        for socket in (host, visitor):
            told = await socket.next("person.changed")
            assert (told["person"]["id"], told["person"][field]) == (alice.pk, value)
            fresh = await socket.snapshot()
            assert fresh["rev"] == told["rev"]
            assert fresh["stage"][0]["user"] == fresh["space"]["host"] == told["person"]
        assert (await host.next("me.changed"))["me"]["user"][field] == value


async def test_it_shows_another_name_of_a_listener_and_in_the_queue() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    async with in_room(space, alice) as host, in_room(space, bob) as guest:
        await guest.do("speak.request", reason="me")
        while not any(
            bob.pk in [one["id"] for one in message.get("sample", ())] for message in host.seen
        ):
            await host.receive()
        await sync_to_async(rename)(bob)
        assert (await host.next("person.changed"))["person"]["name"] == "Ayu Lestari"
        fresh = await host.snapshot()
        sample = {one["id"]: one["name"] for one in fresh["listeners"]["sample"]}
        assert sample[bob.pk] == fresh["requests"][0]["user"]["name"] == "Ayu Lestari"


async def test_it_tells_nothing_of_an_author_to_whom_they_blocked() -> None:
    alice, bob, carol = await apeople("alice", "bob", "carol")
    space = await alive_space(alice)
    await sync_to_async(pin_post)(space, alice, bob)
    await sync_to_async(relationships.block)(bob, carol)
    async with in_room(space, alice) as host, in_room(space, carol) as guest:
        await sync_to_async(rename)(bob)
        pins = (await host.next("pins.changed"))["pins"]
        assert pins[0]["post"]["author"]["name"] == "Ayu Lestari"
        assert (await guest.next("pins.changed"))["pins"] == []
        assert not any(message["type"] == "person.changed" for message in guest.seen)


async def test_it_says_nothing_when_only_the_bio_or_the_last_log_in_is_written() -> None:
    alice = await aperson("alice")
    space = await alive_space(alice)
    rev = (await Space.objects.aget(pk=space.pk)).rev
    alice.last_login = timezone.now()
    await alice.asave(update_fields=["last_login", "bio"])
    await User.objects.filter(pk=alice.pk).aupdate(bio="I row.")
    assert (await Space.objects.aget(pk=space.pk)).rev == rev


# --- staff ----------------------------------------------------------------------------------------


def write_staff(user: User, is_staff: bool) -> None:
    user.is_staff = is_staff
    user.save()


async def test_it_ends_moderation_with_the_role_of_staff() -> None:
    alice = await aperson("alice")
    staff = await aperson("sam", is_staff=True)
    space = await alive_space(alice)
    async with in_room(space, staff) as socket:
        assert "end" in socket.seen[-1]["me"]["can"]
        await sync_to_async(write_staff)(staff, False)
        me = (await socket.next("me.changed"))["me"]
        assert (me["role"], "end" in me["can"]) == ("listener", False)
        assert await socket.refused("seat.mute", user=alice.pk) == "not_allowed"
        assert await socket.refused("room.remove", user=alice.pk) == "not_allowed"
        assert await socket.refused("bans.get") == "not_allowed"
        assert await socket.refused("space.end") == "not_allowed"
        assert (await socket.snapshot())["me"] == me


async def test_it_ends_moderation_also_before_anybody_was_told() -> None:
    """Written by hand in the database, of which nobody hears."""
    alice = await aperson("alice")
    staff = await aperson("sam", is_staff=True)
    space = await alive_space(alice)
    async with in_room(space, staff) as socket:
        rows = User.objects.filter(pk=staff.pk)
        await sync_to_async(QuerySet.update)(rows, is_staff=False)
        assert await socket.refused("seat.mute", user=alice.pk) == "not_allowed"


async def test_it_lets_new_staff_moderate_in_the_room_they_are_in() -> None:
    alice, sam = await apeople("alice", "sam")
    await sync_to_async(add_second_factor)(sam)
    space = await alive_space(alice)
    async with in_room(space, sam) as socket:
        assert await socket.refused("seat.mute", user=alice.pk) == "not_allowed"
        await sync_to_async(write_staff)(sam, True)
        assert (await socket.next("me.changed"))["me"]["role"] == "moderator"
        await socket.do("seat.mute", user=alice.pk)


async def test_it_puts_out_who_was_let_in_as_staff_alone() -> None:
    alice = await aperson("alice")
    staff = await aperson("sam", is_staff=True)
    await sync_to_async(relationships.block)(alice, staff)
    space = await alive_space(alice)
    async with in_room(space, staff) as socket:
        await sync_to_async(write_staff)(staff, False)
        await socket.next("removed")
        assert await socket.closed() == 4403


# --- staff's second factor ------------------------------------------------------------------------

DEEDS = (
    *(("seat.mute", True), ("seat.move_down", True), ("room.remove", True)),
    *(("bans.get", False), ("room.mute_all", False), ("space.end", False)),
)


async def is_refused_everything(socket: RoomSocket, host: User) -> bool:
    codes = {
        await socket.refused(kind, **({"user": host.pk} if is_aimed else {}))
        for kind, is_aimed in DEEDS
    }
    return codes == {"not_allowed"}


async def weak_staff() -> User:
    """Staff whose log-ins pass a password alone."""
    sam = await aperson("sam", is_staff=True)
    await Authenticator.objects.filter(user=sam).adelete()
    return sam


async def test_it_lets_staff_without_a_second_factor_moderate_nothing() -> None:
    alice, sam = await aperson("alice"), await weak_staff()
    space = await alive_space(alice)
    async with in_room(space, sam) as socket:
        me = socket.seen[-1]["me"]
        assert (me["role"], "end" in me["can"]) == ("listener", False)
        assert await is_refused_everything(socket, alice)
        sam.display_name = "Sam the Great"
        await sync_to_async(save_profile)(sam, [])
        told = (await socket.next("me.changed"))["me"]
        assert (told["role"], told["can"]) == ("listener", me["can"])


async def test_it_lets_no_factor_in_that_was_added_after_the_log_in() -> None:
    alice, sam = await aperson("alice"), await weak_staff()
    space = await alive_space(alice)
    cookie = await acookie_of(sam)
    await sync_to_async(add_second_factor)(sam)
    socket = RoomSocket(wire(space, cookie))
    await socket.wire.connect()
    assert (await socket.next("space.snapshot"))["me"]["role"] == "listener"
    assert await is_refused_everything(socket, alice)
    await socket.wire.disconnect()


async def test_it_lets_no_token_moderate() -> None:
    alice, sam = await aperson("alice"), await aperson("sam", is_staff=True)
    space = await alive_space(alice)
    _row, token = await sync_to_async(AuthToken.objects.create)(user=sam)
    headers = [(b"authorization", f"Token {token}".encode())]
    socket = RoomSocket(wire(space, headers=headers))
    await socket.wire.connect()
    assert (await socket.next("space.snapshot"))["me"]["role"] == "listener"
    assert await is_refused_everything(socket, alice)
    await socket.wire.disconnect()


@pytest.mark.parametrize("how", ["blocked", "locked"])
async def test_it_opens_no_closed_room_to_staff_without_a_second_factor(how: str) -> None:
    alice, sam = await aperson("alice"), await weak_staff()
    space = await alive_space(alice)
    if how == "blocked":
        await sync_to_async(relationships.block)(alice, sam)
    else:
        await Space.objects.filter(pk=space.pk).aupdate(locked=True)
    socket = RoomSocket(wire(space, await acookie_of(sam)))
    await socket.wire.connect()
    assert (await socket.next("error"))["code"] == "not_available"


async def lose_factor(staff: User) -> None:
    await Authenticator.objects.filter(user=staff).adelete()


async def exchange_factor(staff: User) -> None:
    await lose_factor(staff)
    await sync_to_async(add_second_factor)(staff)


@pytest.mark.parametrize("how", [lose_factor, exchange_factor])
async def test_it_ends_moderation_with_the_second_factor(
    how: Callable[[User], Awaitable[None]],
) -> None:
    alice, sam = await aperson("alice"), await aperson("sam", is_staff=True)
    space = await alive_space(alice)
    async with in_room(space, sam) as socket:
        assert "end" in socket.seen[-1]["me"]["can"]
        await how(sam)
        async with asyncio.timeout(2):
            me = (await socket.next("space.snapshot"))["me"]
        assert (me["role"], "end" in me["can"]) == ("listener", False)
        assert await is_refused_everything(socket, alice)


async def test_it_puts_out_who_was_let_in_by_the_second_factor_alone() -> None:
    alice, sam = await aperson("alice"), await aperson("sam", is_staff=True)
    await sync_to_async(relationships.block)(alice, sam)
    space = await alive_space(alice)
    async with in_room(space, sam) as socket:
        await lose_factor(sam)
        async with asyncio.timeout(2):
            assert await socket.closed() == 4403


# --- log-ins --------------------------------------------------------------------------------------


async def test_it_ends_moderation_with_the_session() -> None:
    alice, sam = await aperson("alice"), await aperson("sam", is_staff=True)
    space = await alive_space(alice)
    async with in_room(space, sam) as socket:
        await log_out(sam)
        async with asyncio.timeout(2):
            assert await socket.closed() == 4401


def sessions_of(user: User) -> list[str]:
    return [
        row.session_key
        for row in Session.objects.all()
        if row.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]


async def log_out(user: User) -> None:
    keys = await sync_to_async(sessions_of)(user)
    await Session.objects.filter(session_key__in=keys).adelete()


async def change_password(user: User) -> None:
    await User.objects.filter(pk=user.pk).aupdate(password="another")


@pytest.mark.parametrize("how", [log_out, change_password])
async def test_it_frees_the_seat_of_a_log_in_that_has_ended(
    how: Callable[[User], Awaitable[None]],
) -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice, speak_rule="everyone")
    async with in_room(space) as visitor, in_room(space, bob, "p1") as guest:
        assert (await guest.do("speak.request"))["state"] == "seated"
        await guest.do("mic.set", on=True)
        await how(bob)
        assert (await guest.next("error"))["code"] == "log_in"
        assert await guest.closed() == 4401
        await visitor.next("seat.removed", user=bob.pk)
        assert not await Seat.objects.filter(user=bob).aexists()
        is_here = sync_to_async(presence_store.is_here)
        assert not await is_here(space.public_id, bob.pk)


async def test_it_frees_the_place_in_line_of_a_log_in_that_has_ended() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice)
    async with in_room(space, alice) as host, in_room(space, bob, "p1") as guest:
        await guest.do("speak.request", reason="me")
        await host.next("request.added")
        await log_out(bob)
        assert await guest.closed() == 4401
        await host.next("request.removed", user=bob.pk)


async def test_it_holds_the_seat_of_a_host_who_logs_out_but_silent() -> None:
    alice = await aperson("alice")
    space = await alive_space(alice)
    async with in_room(space) as visitor, in_room(space, alice, "p1") as host:
        await host.do("mic.set", on=True)
        await log_out(alice)
        await visitor.next("host.lost")
        seat = (await visitor.snapshot())["stage"][0]
        assert (seat["presence"], seat["mic"]) == ("lost", False)
        assert await host.closed() == 4401
    async with in_room(space, alice, "p2") as host:
        assert host.seen[-1]["stage"][0]["presence"] == "here", "A returning host is host again."


async def test_it_leaves_another_log_in_of_the_same_person_in_place() -> None:
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice, speak_rule="everyone")
    first, second = await acookie_of(bob), await acookie_of(bob)
    old = RoomSocket(wire(space, first, "p1"))
    assert (await old.wire.connect())[0]
    await old.do("speak.request")
    new = RoomSocket(wire(space, second, "p2"))
    assert (await new.wire.connect())[0]
    await new.next("space.snapshot")
    await Session.objects.filter(session_key=first).adelete()
    assert await old.closed() == 4408
    async with in_room(space, alice) as host:
        assert [seat["user"]["id"] for seat in host.seen[-1]["stage"]] == [alice.pk, bob.pk]
    assert await new.do("mic.set", on=True)
    await new.wire.disconnect()


async def test_it_frees_no_seat_that_another_device_has_taken_over() -> None:
    """The older socket hears of its log-in's end before it hears that it is replaced."""
    alice, bob = await apeople("alice", "bob")
    space = await alive_space(alice, speak_rule="everyone")
    async with in_room(space, bob, "p1") as guest:
        await guest.do("speak.request")
    async with in_room(space, bob, "p2"):
        lost = LoseLogin(bob.pk, "p1")
        await sync_to_async(service.execute)(space.public_id, SYSTEM, lost)
        assert await Seat.objects.filter(user=bob).aexists()


async def test_it_frees_the_seat_of_who_is_suspended_or_leaves_the_site() -> None:
    alice, bob, carol = await apeople("alice", "bob", "carol")
    space = await alive_space(alice, speak_rule="everyone")
    async with in_room(space) as visitor, in_room(space, bob) as one, in_room(space, carol) as two:
        for guest in (one, two):
            assert (await guest.do("speak.request"))["state"] == "seated"
        await sync_to_async(suspend)(bob)
        await sync_to_async(account_deletion.leave)(carol, at_once=False)
        await visitor.next("seat.removed", user=bob.pk)
        await visitor.next("seat.removed", user=carol.pk)
        assert await one.closed() in (4401, 4403)
        assert await two.closed() in (4401, 4403)

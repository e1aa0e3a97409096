"""Makes the demo, or what is missing of it. Every step may run again and adds nothing twice."""

import zoneinfo
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.models import Follow, User
from config.dev.demo.correspondence import correspond
from config.dev.demo.people import ADDRESSES, EVERYBODY, FOLLOWS, PASSWORD
from config.dev.demo.rooms import ROOMS, DemoRoom
from config.dev.demo.words import FLEETS, POSTS, Said
from config.limits import LIMITS
from posts.models import Fleet, Post
from posts.services import fleets, interactions, polls, posting, trends
from posts.services.polls import NewPoll
from spaces.models import Space
from spaces.services import scheduling

Town = dict[str, User]


@transaction.atomic
def seed(numbered: int) -> None:
    """Make the town, and accounts `demo1` … `demo<numbered>`.

    One transaction: half a town would look broken.
    """
    town = settle()
    befriend(town)
    addresses = plan_rooms(town)
    for said in POSTS:
        speak(town, said, addresses)
    put_up_fleets(town)
    correspond(town)
    trends.count()
    add_numbered(numbered)


def settle() -> Town:
    """Return the people of the demo by handle, made where they were missing."""
    # Once: hashing is slow on purpose, and they all have the same one.
    password = make_password(PASSWORD)
    # Before all that they write: a name in a text means who had it then.
    joined = timezone.now() - timedelta(days=90)
    _add(
        [
            User(
                handle=person.handle,
                email=person.email,
                display_name=person.name,
                bio=person.bio,
                drawn_portrait=person.portrait,
                time_zone=person.time_zone,
                password=password,
                date_joined=joined,
            )
            for person in EVERYBODY
        ]
    )
    handles = [person.handle for person in EVERYBODY]
    return {user.handle: user for user in User.objects.filter(handle__in=handles)}


def add_numbered(count: int) -> None:
    """Add the accounts for load and room tests; thousands take a second, because one hash serves
    all.
    """
    password = make_password(PASSWORD)
    _add(
        [
            User(
                handle=f"demo{n}",
                email=f"demo{n}{ADDRESSES}",
                display_name=f"Demo {n}",
                password=password,
            )
            for n in range(1, count + 1)
        ]
    )


def _add(users: list[User]) -> None:
    """Store those whose handle is new, each with a verified address, without which nobody can log
    in.
    """
    handles = [user.handle for user in users]
    # Closed while the site was no demo (`closing`).
    closed = User.objects.filter(email__endswith=ADDRESSES, password__startswith="!")
    closed.filter(handle__in=handles).update(password=users[0].password if users else "!")
    known = set(User.objects.filter(handle__in=handles).values_list("handle", flat=True))
    made = User.objects.bulk_create(
        [user for user in users if user.handle not in known], batch_size=500
    )
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in made],
        batch_size=500,
    )


def befriend(town: Town) -> None:
    """Draw the graph directly: a service call for each line would only fill everybody's alerts with
    it.
    """
    lines = [
        Follow(follower=town[follower], followed=town[followed])
        for follower, names in FOLLOWS.items()
        for followed in names.split()
    ]
    Follow.objects.bulk_create(lines, ignore_conflicts=True)


def plan_rooms(town: Town) -> dict[str, str]:
    """Return the address of each demo Space by its key; one that is over is scheduled anew."""
    site = (
        settings.CSRF_TRUSTED_ORIGINS[0]
        if settings.CSRF_TRUSTED_ORIGINS
        else "http://localhost:8000"
    )
    spaces = {room.key: _planned(town[room.host], room) for room in ROOMS}
    return {key: f"{site}{space.get_absolute_url()}" for key, space in spaces.items()}


def _planned(host: User, room: DemoRoom) -> Space:
    found = Space.objects.upcoming().filter(host=host, title=room.title).first()
    if found:
        return found
    draft = scheduling.SpaceDraft(
        title=room.title,
        topics=room.topics,
        language=room.language,
        speak_rule=room.speak_rule,
        video_enabled=room.video,
    )
    # By the host's clock: a room at eight in the evening is at eight where the host lives.
    there = timezone.now().astimezone(zoneinfo.ZoneInfo(host.time_zone)) + timedelta(days=room.days)
    starts_at = there.replace(hour=room.hour, minute=0, second=0, microsecond=0)
    return scheduling.schedule(host, draft, starts_at, host.time_zone)


def put_up_fleets(town: Town) -> None:
    """Somebody has always something up, however long ago the demo was made."""
    for handle, text in FLEETS:
        if not Fleet.objects.alive().filter(author=town[handle]).exists():
            fleets.publish(town[handle], text, None, Fleet.Audience.PUBLIC)


def speak(town: Town, said: Said, addresses: dict[str, str], reply_to: Post | None = None) -> None:
    """Publish one post with its answers and likes, whatever of it is missing."""
    # The part before an address is what is looked up: a Space that was scheduled anew has another
    # address.
    known = Post.objects.filter(
        author=town[said.author], text__startswith=said.text.split("{")[0]
    ).first()
    post = known or _published(town, said, addresses, reply_to)
    for answer in said.answers:
        speak(town, answer, addresses, reply_to=post)


def _published(town: Town, said: Said, addresses: dict[str, str], reply_to: Post | None) -> Post:
    text = said.text
    for key, address in addresses.items():
        text = text.replace(f"{{space:{key}}}", address)
    said_at = timezone.now() - timedelta(hours=said.hours_ago)
    poll = (
        NewPoll([option for option, _voters in said.poll], LIMITS.poll_longest_s)
        if said.poll
        else None
    )
    post = posting.publish(
        town[said.author], text, reply_to=reply_to, poll=poll, created_at=said_at
    )
    for position, (_option, voters) in enumerate(said.poll):
        for name in voters.split():
            polls.vote(town[name], post, position)
    for name in said.liked_by.split():
        interactions.like(town[name], post)
    for name in said.reposted_by.split():
        interactions.repost(town[name], post)
    # A repost is dated now by its service; here it happened in between.
    post.reposts.update(created_at=timezone.now() - timedelta(hours=said.hours_ago * 0.7))
    return post

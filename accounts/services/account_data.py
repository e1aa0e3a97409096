"""What a copy of somebody's data holds of their account (`accounts.kinds.PERSON`)."""

from collections.abc import Iterator

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from knox.models import get_token_model

from accounts.extension_points.data_export import Media, Rows
from accounts.models import (
    Block,
    Follow,
    FollowRequest,
    Mute,
    MutedWord,
    Notification,
    Report,
    User,
)

PROFILE = (
    *(
        "handle",
        "display_name",
        "bio",
        "email",
        "language",
        "time_zone",
        "is_protected",
        "direct_messages_from",
    ),
    *("date_joined", "last_login"),
)


def collect(person: User) -> Iterator[Rows | Media]:
    """Secrets stay out: of a second factor only that it exists, of a token only its age."""
    yield Rows("profile", User.objects.filter(pk=person.pk).values(*PROFILE))
    yield Rows(
        "addresses", EmailAddress.objects.filter(user=person).values("email", "verified", "primary")
    )
    yield Rows(
        "second_factors",
        Authenticator.objects.filter(user=person).values("type", "created_at", "last_used_at"),
    )
    log_ins = UserSession.objects.filter(user=person)
    yield Rows("log_ins", log_ins.values("ip", "user_agent", "created_at", "last_seen_at"))
    yield Rows("tokens", get_token_model().objects.filter(user=person).values("created", "expiry"))
    yield from _relationships(person)
    told = Notification.objects.filter(recipient=person).order_by("id")
    fields = ("kind", "actor__handle", "target_kind", "target_id", "created_at", "read_at")
    yield Rows("alerts", told.values(*fields).iterator())
    reported = Report.objects.filter(reporter=person).order_by("id")
    yield Rows(
        "reports",
        reported.values("target_kind", "target_id", "reason", "text", "state", "created_at"),
    )
    for name, file in (("avatar", person.avatar), ("header", person.header)):
        if file:
            yield Media(f"{name}.webp", str(file))


def _relationships(person: User) -> Iterator[Rows]:
    following = Follow.objects.filter(follower=person).order_by("id")
    yield Rows("following", following.values("followed__handle", "created_at").iterator())
    followers = Follow.objects.filter(followed=person).order_by("id")
    yield Rows("followers", followers.values("follower__handle", "created_at").iterator())
    asked = FollowRequest.objects.filter(follower=person).order_by("id")
    yield Rows("requests", asked.values("followed__handle", "created_at"))
    yield Rows(
        "blocked",
        Block.objects.filter(blocker=person).order_by("id").values("blocked__handle", "created_at"),
    )
    yield Rows(
        "muted",
        Mute.objects.filter(muter=person).order_by("id").values("muted__handle", "created_at"),
    )
    yield Rows(
        "muted_words", MutedWord.objects.filter(owner=person).values("word", "until", "created_at")
    )

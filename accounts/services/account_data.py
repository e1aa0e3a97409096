"""What a copy of a user's data holds of their account (`accounts.kinds.PERSON`)."""

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
    "handle",
    "display_name",
    "bio",
    "email",
    "language",
    "time_zone",
    "is_protected",
    "direct_messages_from",
    "date_joined",
    "last_login",
)
ALERT = ("kind", "actor__handle", "target_kind", "target_id", "created_at", "read_at")
REPORT = ("target_kind", "target_id", "reason", "text", "state", "created_at")


def collect(person: User) -> Iterator[Rows | Media]:
    """Yield the files of the folder.

    Secrets stay out: of a second factor only that it exists, of a token only its age.
    """
    yield Rows("profile", User.objects.filter(pk=person.pk).values(*PROFILE))

    addresses = EmailAddress.objects.filter(user=person)
    yield Rows("addresses", addresses.values("email", "verified", "primary"))
    factors = Authenticator.objects.filter(user=person)
    yield Rows("second_factors", factors.values("type", "created_at", "last_used_at"))
    logins = UserSession.objects.filter(user=person)
    yield Rows("log_ins", logins.values("ip", "user_agent", "created_at", "last_seen_at"))
    tokens = get_token_model().objects.filter(user=person)
    yield Rows("tokens", tokens.values("created", "expiry"))

    # Read piece by piece (`iterator`) where there may be many.
    following = Follow.objects.filter(follower=person).order_by("id")
    yield Rows("following", following.values("followed__handle", "created_at").iterator())
    followers = Follow.objects.filter(followed=person).order_by("id")
    yield Rows("followers", followers.values("follower__handle", "created_at").iterator())
    requests = FollowRequest.objects.filter(follower=person).order_by("id")
    yield Rows("requests", requests.values("followed__handle", "created_at"))
    blocks = Block.objects.filter(blocker=person).order_by("id")
    yield Rows("blocked", blocks.values("blocked__handle", "created_at"))
    mutes = Mute.objects.filter(muter=person).order_by("id")
    yield Rows("muted", mutes.values("muted__handle", "created_at"))
    words = MutedWord.objects.filter(owner=person)
    yield Rows("muted_words", words.values("word", "until", "created_at"))

    alerts = Notification.objects.filter(recipient=person).order_by("id")
    yield Rows("alerts", alerts.values(*ALERT).iterator())
    reports = Report.objects.filter(reporter=person).order_by("id")
    yield Rows("reports", reports.values(*REPORT))

    for name, file in (("avatar", person.avatar), ("header", person.header)):
        if file:
            yield Media(f"{name}.webp", str(file))

"""Everything that routes are about, once of an author and once of a protected one, and everybody
who may look at it.
"""

from dataclasses import dataclass
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from accounts.models import (
    DataExport,
    Decision,
    Follow,
    FollowRequest,
    MutedWord,
    PushSubscription,
    User,
)
from accounts.moderation import appeals
from accounts.notifications import email
from accounts.services import api_tokens, data_export, relationships
from posts.models import Draft, Fleet, VoiceClip
from posts.services import drafts, fleets, groups, messaging, posting
from posts.services.draft_media import DraftMedia
from posts.services.polls import NewPoll
from posts.services.posting import Picture
from spaces.models import TranscriptLine
from spaces.services import calendar, scheduling
from tests.accounts.people import browser_of, person, staff_member
from tests.posts.services.test_fleets import webp
from tests.spaces import archive

VIEWERS = (
    *(
        "visitor",
        "stranger",
        "follower",
        "author",
        "blocked",
        "blocker",
        "outsider",
        "suspended",
        "staff",
    ),
)


@dataclass(frozen=True)
class World:
    """`clients` are browsers; `things` are what each of them asks for: the outsider for those of a
    protected author.
    """

    clients: dict[str, Client]
    things: dict[str, dict[str, object]]


def make() -> World:
    author, protected, follower = person("author"), person("protected"), person("follower")
    people = {
        name: person(name) for name in ("stranger", "blocked", "blocker", "outsider", "suspended")
    }
    staff = staff_member("staff")
    for one in (author, protected):
        Follow.objects.create(follower=follower, followed=one)
        Follow.objects.create(follower=one, followed=follower)
    clients = {
        name: browser_of(one)
        for name, one in {**people, "follower": follower, "author": author}.items()
    }
    clients |= {"visitor": browser_of(None), "staff": browser_of(staff)}
    open_things = things_of(author, follower)
    closed_things = things_of(protected, follower)
    User.objects.filter(pk=protected.pk).update(is_protected=True)
    relationships.block(author, people["blocked"])
    relationships.block(people["blocker"], author)
    User.objects.filter(pk=people["suspended"].pk).update(is_active=False)
    return World(
        clients, {name: closed_things if name == "outsider" else open_things for name in VIEWERS}
    )


def things_of(owner: User, follower: User) -> dict[str, object]:
    """Return what stands in the rows' addresses and bodies, by name."""
    asker = person(f"asker_{owner.handle}")
    FollowRequest.objects.create(follower=asker, followed=owner)
    post = posting.publish(owner, "Mine #river", images=[Picture(webp(), "a field")])
    posting.edit(owner, post, "Mine, edited #river")
    quote = posting.publish(follower, "Look", quote_of=post)
    poll = posting.publish(owner, "Tea?", poll=NewPoll(["Yes", "No"], 3600))
    clip, loose = (
        VoiceClip.objects.create(owner=owner, state=VoiceClip.State.READY) for _number in range(2)
    )
    for one in (clip, loose):
        one.opus.save("x.ogg", ContentFile(b"OggS"))
        one.m4a.save("x.m4a", ContentFile(b"ftyp"))
    spoken = posting.publish(owner, "", voice_id=clip.pk)
    draft: Draft = drafts.save(
        owner, drafts.ComposerFields(["Later"]), media=DraftMedia(added=[Picture(webp())])
    )
    fleet = fleets.publish(owner, "", Picture(webp(), "a field"), Fleet.Audience.PUBLIC)
    letter = messaging.send(owner, follower, messaging.NewMessage("A letter", [Picture(webp())]))
    group = groups.make(owner, "Few", [follower])
    said = messaging.send_to_group(owner, group, "Hello both")
    return {
        **{
            "handle": owner.handle,
            "owner": owner.pk,
            "asker": asker.handle,
            "follower": follower.handle,
        },
        **{
            "post": post.pk,
            "image": post.images.get().pk,
            "quote": quote.pk,
            "poll": poll.pk,
            "spoken": spoken.pk,
        },
        **{"clip": clip.pk, "loose": loose.pk, "fleet": fleet.pk},
        **{"draft": draft.pk, "draft_image": draft.images.get().pk},
        **{
            "conversation": letter.conversation_id,
            "letter": letter.pk,
            "picture": letter.images.get().pk,
        },
        **{"group": group.pk, "said": said.pk},
        **account_things(owner),
        **space_things(owner),
    }


def account_things(owner: User) -> dict[str, object]:
    word = MutedWord.objects.create(owner=owner, word="rain", folded="rain")
    export = DataExport.objects.create(
        owner=owner, state=DataExport.State.READY, expires_at=timezone.now() + timedelta(days=1)
    )
    path = data_export._path(export.pk)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"PK")
    decision = Decision.objects.create(
        action=Decision.Action.REMOVE,
        person=owner,
        person_handle=owner.handle,
        target_kind="post",
        at=timezone.now(),
    )
    browser = PushSubscription.objects.create(
        user=owner, endpoint=f"https://push.example/{owner.pk}"
    )
    elsewhere = UserSession.objects.create(
        user=owner, ip="127.0.0.1", session_key=f"elsewhere-{owner.pk}"
    )
    token, _text = AuthToken.objects.create(user=owner)
    return {
        **{"log_in": elsewhere.pk, "token": token.digest[: api_tokens.NAME_CHARS]},
        **{
            "word": word.pk,
            "export": data_export.link_key(export),
            "decision": decision.pk,
            "browser": browser.pk,
        },
        **{
            "appeal": appeals.token_of(decision),
            "unsubscribe": email.token_of(owner),
            "avatar": _avatar_of(owner),
        },
    }


def _avatar_of(owner: User) -> str:
    owner.avatar.save("face.webp", ContentFile(webp()))
    return str(owner.avatar).rpartition("/")[2]


def space_things(owner: User) -> dict[str, object]:
    recording = archive.replay(owner, [(owner.pk, 0, 2_000, "hello there")])
    cut = archive.clip(recording, owner)
    planned = scheduling.schedule(
        owner, scheduling.SpaceDraft(title="Soon", topics=()), timezone.now() + timedelta(days=2)
    )
    live = scheduling.start(
        scheduling.open_now(owner, scheduling.SpaceDraft(title="Now", topics=())), owner
    )
    line = TranscriptLine.objects.filter(space=recording.space).first()
    return {
        **{
            "live": live.public_id,
            "planned": planned.public_id,
            "ended": recording.space.public_id,
        },
        **{"version": recording.version, "cut": cut.public_id, "line": line.pk if line else 0},
        **{"secret": calendar.renew(owner), "room": f"http://testserver{live.get_absolute_url()}"},
    }

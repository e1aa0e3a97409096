"""Leaving for good: hidden at once, back within the time, nothing left after it but the log."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.files.storage import default_storage
from django.db.models import Model
from django.utils import timezone
from knox.models import AuthToken

from accounts import tasks
from accounts.models import AccountDeletion, Notification, Report, User
from accounts.moderation import reports
from accounts.services import account_deletion, muted_words, relationships
from accounts.services.profiles import PictureChange, save_profile
from posts.models import Conversation, Fleet, Message, Post
from posts.services import fleets, interactions, messaging, posting
from posts.services.posting import Picture
from spaces.models import AuditEntry, Space
from spaces.services import scheduling
from tests.accounts.people import browser_of, make_follow
from tests.accounts.queue import keep_tasks
from tests.posts.services.test_fleets import webp

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Whoever a worker is to empty; nothing is sent to a queue."""
    return keep_tasks(monkeypatch, tasks.empty_account, run=(tasks.mail_deletion_date,))


def draft() -> scheduling.SpaceDraft:
    return scheduling.SpaceDraft(title="Rivers", topics=())


def test_it_hides_the_account_and_ends_every_log_in(maya: User, budi: User) -> None:
    posting.publish(maya, "Hello")
    browser = browser_of(maya)
    assert browser.get("/settings/").status_code == 200
    _row, token = AuthToken.objects.create(user=maya)
    account_deletion.leave(maya, at_once=False)
    assert browser.get("/settings/").status_code == 302
    assert (
        browser.get("/api/v1/accounts/me/", headers={"Authorization": f"Token {token}"}).status_code
        == 401
    )
    assert browser_of(budi).get("/@maya/").status_code == 404
    assert not Post.objects.visible_to(budi).exists()


def test_it_ends_the_live_space_and_calls_planned_ones_off(maya: User, budi: User) -> None:
    live = scheduling.start(scheduling.open_now(maya, draft()), maya)
    planned = scheduling.schedule(maya, draft(), timezone.now() + timedelta(days=2))
    account_deletion.leave(maya, at_once=False)
    assert Space.objects.get(pk=live.pk).state == Space.State.ENDED
    assert Space.objects.get(pk=planned.pk).state == Space.State.CANCELLED


def test_it_writes_when_the_end_is(maya: User) -> None:
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False):
        account_deletion.leave(maya, at_once=False)
    assert mail.outbox[0].to == ["maya@people.example"]
    assert "16 March 2026" in mail.outbox[0].body


@pytest.mark.parametrize(
    ("zone", "language", "day"),
    [
        ("Pacific/Kiritimati", "", "17 March 2026"),  # 13:34 there, the day after UTC's.
        ("America/Los_Angeles", "", "16 March 2026"),
        ("Asia/Jakarta", "id", "17 Maret 2026"),
        ("No/Such", "", "16 March 2026"),
    ],
)
def test_it_writes_the_day_as_it_is_where_the_user_lives(
    zone: str, language: str, day: str, maya: User
) -> None:
    User.objects.filter(pk=maya.pk).update(time_zone=zone, language=language)
    maya.refresh_from_db()
    with time_machine.travel("2026-03-02T23:34:00Z", tick=False):
        account_deletion.leave(maya, at_once=False)
    assert day in mail.outbox[0].body


def test_it_brings_everything_back_within_the_time(maya: User, budi: User) -> None:
    make_follow(budi, maya)
    posting.publish(maya, "Still here")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        account_deletion.leave(maya, at_once=False)
        clock.shift(timedelta(days=14, seconds=-1))
        assert account_deletion.due() == []
        account_deletion.come_back(maya)
        clock.shift(timedelta(days=30))
        assert not account_deletion.empty(maya.pk)
    assert Post.objects.visible_to(budi).count() == 1
    assert relationships.does_follow(budi.pk, maya.pk)
    assert not AccountDeletion.objects.exists()


def test_it_is_too_late_after_the_time_and_for_whom_staff_suspended(maya: User, budi: User) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        account_deletion.leave(maya, at_once=False)
        clock.shift(timedelta(days=14))
        with pytest.raises(PermissionError):
            account_deletion.come_back(maya)
        assert account_deletion.due() == [maya.pk]


def test_it_keeps_staff_from_going_with_their_log(maya: User) -> None:
    User.objects.filter(pk=maya.pk).update(is_staff=True)
    maya.refresh_from_db()
    with pytest.raises(PermissionError):
        account_deletion.leave(maya, at_once=True)
    assert User.objects.get(pk=maya.pk).is_active


def test_it_asks_a_worker_at_once_for_who_will_not_come_back(maya: User, worker: list[int]) -> None:
    account_deletion.leave(maya, at_once=True)
    assert worker == [maya.pk]
    assert mail.outbox == []


def test_it_leaves_nothing_but_the_log(maya: User, budi: User, noor: User) -> None:
    """Everything that points to a person is made, then looked for."""
    pk, liked = maya.pk, posting.publish(budi, "Liked by Maya")
    make_follow(budi, maya)
    make_follow(maya, noor)
    save_profile(maya, [PictureChange("avatar", webp())])
    portrait = str(maya.avatar)
    post = posting.publish(maya, "Mine", images=[Picture(webp())])
    picture = str(post.images.get().file)
    posting.publish(maya, "An answer", reply_to=liked)
    interactions.like(maya, liked)
    fleet = fleets.publish(maya, "", Picture(webp()), Fleet.Audience.PUBLIC)
    messaging.send(maya, budi, "Hello")
    messaging.send(budi, maya, "Hello yourself")
    muted_words.add(maya, "rain")
    relationships.block(maya, noor)
    reports.report(maya, "post", liked.pk, Report.Reason.SPAM)
    EmailAddress.objects.create(user=maya, email=maya.email, verified=True, primary=True)
    Authenticator.objects.create(user=maya, type=Authenticator.Type.TOTP, data={"secret": "x"})
    AuthToken.objects.create(user=maya)
    space = scheduling.start(scheduling.open_now(maya, draft()), maya)
    logged = AuditEntry.objects.filter(space=space).count()

    account_deletion.leave(maya, at_once=True)
    assert account_deletion.empty(pk)
    assert not account_deletion.empty(pk)

    assert [str(model) for model in pointing_at(pk)] == []
    assert not any(default_storage.exists(name) for name in (portrait, picture, str(fleet.picture)))
    liked.refresh_from_db()
    assert (liked.like_count, liked.reply_count) == (0, 0)
    assert not Conversation.objects.exists()
    assert not Message.objects.exists()
    assert not Notification.objects.filter(actor=pk).exists()
    assert AuditEntry.objects.count() > logged > 0  # The end of the Space was written too.
    assert "maya" in AuditEntry.objects.values_list("actor_handle", flat=True)


def pointing_at(pk: int) -> list[type[Model]]:
    """Return every model, the logs apart, that still has a row of this person."""
    found = []
    for relation in User._meta.related_objects:
        model = relation.related_model
        if (
            getattr(relation.field, "db_constraint", True)
            and model._base_manager.filter(**{relation.field.name: pk}).exists()
        ):
            found.append(model)
    return found

from threading import Barrier, Thread

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from accounts.models import Block, Follow, FollowRequest, Notification, User
from accounts.services import relationships
from tests.accounts.people import make_follow, person


def told(someone: User) -> list[str]:
    return list(
        Notification.objects.filter(recipient=someone).order_by("id").values_list("kind", flat=True)
    )


def test_it_follows_once_and_tells_once(maya: User, budi: User) -> None:
    relationships.follow(budi, maya)
    relationships.follow(budi, maya)
    assert Follow.objects.count() == 1
    assert told(maya) == ["follow"]


def test_it_takes_the_alert_back_with_the_follow(maya: User, budi: User) -> None:
    relationships.follow(budi, maya)
    relationships.unfollow(budi, maya)
    assert not Follow.objects.exists()
    assert told(maya) == []


@pytest.mark.parametrize("blocker", ["maya", "budi"])
def test_it_refuses_to_follow_across_a_block(maya: User, budi: User, blocker: str) -> None:
    relationships.block(*((maya, budi) if blocker == "maya" else (budi, maya)))
    with pytest.raises(PermissionError):
        relationships.follow(budi, maya)


def test_it_refuses_to_follow_oneself_and_the_suspended(maya: User, budi: User) -> None:
    with pytest.raises(PermissionError):
        relationships.follow(maya, maya)
    budi.is_active = False
    with pytest.raises(PermissionError):
        relationships.follow(maya, budi)


def test_it_asks_when_the_account_is_protected(budi: User) -> None:
    citra = person("citra", is_protected=True)
    relationships.follow(budi, citra)
    assert not Follow.objects.exists()
    assert relationships.relation(budi, citra) == "requested"
    assert told(citra) == ["follow_request"]


def test_it_lets_in_whom_the_protected_person_accepts(budi: User) -> None:
    citra = person("citra", is_protected=True)
    relationships.follow(budi, citra)
    relationships.approve(citra, budi)
    assert relationships.relation(budi, citra) == "following"
    assert told(budi) == ["follow_accepted"]
    assert told(citra) == []  # The question is answered.


def test_it_lets_nobody_in_who_did_not_ask(budi: User) -> None:
    citra = person("citra", is_protected=True)
    relationships.approve(citra, budi)
    assert relationships.relation(budi, citra) == "none"


def test_it_forgets_a_declined_request(budi: User) -> None:
    citra = person("citra", is_protected=True)
    relationships.follow(budi, citra)
    relationships.decline(citra, budi)
    relationships.approve(citra, budi)
    assert relationships.relation(budi, citra) == "none"


def test_it_undoes_everything_between_two_people_when_one_blocks(maya: User, budi: User) -> None:
    make_follow(maya, budi)
    make_follow(budi, maya)
    FollowRequest.objects.create(follower=maya, followed=budi)
    relationships.block(maya, budi)
    assert not Follow.objects.exists()
    assert not FollowRequest.objects.exists()
    assert relationships.relation(maya, budi) == "blocking"
    assert relationships.relation(budi, maya) == "blocked"


def test_it_refuses_to_block_or_mute_oneself(maya: User) -> None:
    with pytest.raises(PermissionError):
        relationships.block(maya, maya)
    with pytest.raises(PermissionError):
        relationships.mute(maya, maya)


def test_it_keeps_a_mute_silent(maya: User, budi: User) -> None:
    relationships.mute(maya, budi)
    relationships.follow(budi, maya)
    assert told(maya) == []  # Muted people's doings do not reach the muter …
    assert told(budi) == []  # … and nobody is told of a mute.
    relationships.unmute(maya, budi)
    assert not maya.mutes_made.exists()


def test_it_answers_for_a_page_of_people_in_two_queries(
    maya: User, budi: User, noor: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_follow(maya, budi)
    FollowRequest.objects.create(follower=maya, followed=noor)
    with django_assert_num_queries(2):
        found = relationships.relations(maya, [maya.pk, budi.pk, noor.pk])
    assert found == {maya.pk: "self", budi.pk: "following", noor.pk: "requested"}


def test_it_says_none_to_visitors(maya: User) -> None:
    assert relationships.relation(None, maya) == "none"
    assert relationships.relations(None, [maya.pk]) == {maya.pk: "none"}


def test_it_opens_the_door_to_all_who_wait(maya: User, budi: User, noor: User) -> None:
    for one in (budi, noor):
        FollowRequest.objects.create(follower=one, followed=maya)
    relationships.approve_all(maya)
    assert relationships.followers_among(maya.pk, [budi.pk, noor.pk]) == {budi.pk, noor.pk}


@pytest.mark.django_db(transaction=True)
def test_it_follows_once_when_pressed_in_two_tabs_at_the_same_moment() -> None:
    maya, budi = person("maya"), person("budi")
    ready = Barrier(2)

    def press() -> None:
        ready.wait()
        try:
            relationships.follow(budi, maya)
        finally:
            connection.close()

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Follow.objects.count() == 1
    assert Notification.objects.count() == 1


def test_it_shows_block_rows_to_staff_in_words(maya: User, budi: User) -> None:
    relationships.block(maya, budi)
    assert str(Block.objects.get()) == f"{maya.pk} blocks {budi.pk}"

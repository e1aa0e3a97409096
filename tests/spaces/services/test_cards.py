"""A link to a Space is a live card."""

import time
from typing import Any

import pytest

from config import redis_clients
from posts import link_cards as registry
from spaces.models import Seat
from spaces.services import cards, presence_store
from tests.spaces.town import live_space, people

pytestmark = pytest.mark.django_db


def test_it_resolves_links_of_this_site() -> None:
    alice, bob, carol = people("alice", "bob", "carol")
    space = live_space(alice, topics=["Food"])
    Seat.objects.create(space=space, user=bob, role="cohost", order=5)
    now = time.time()
    here = {str(alice.pk): now, str(bob.pk): now, str(carol.pk): now, "v:x": now, "v:old": now - 60}
    redis_clients.blocking().zadd(presence_store.key(space.public_id), here)
    url = f"http://localhost:8000/spaces/{space.public_id}/"
    card = registry.resolve([url], carol)[url].context["card"]
    assert isinstance(card, cards.SpaceCard)
    assert [seat.user for seat in card.stage] == [alice, bob]
    assert (card.listeners, card.topics, card.more_on_stage) == (2, ["Food"], 0)


@pytest.mark.parametrize(
    "path", ["/spaces/", "/spaces/short/", "/spaces/0OIl00000000/", "/spaces/zzzzzzzzzzzz/"]
)
def test_it_makes_no_card_of_other_links(path: str) -> None:
    assert registry.resolve([f"http://localhost:8000{path}"], None) == {}


def test_it_shows_no_card_to_who_may_not_see_the_space() -> None:
    alice, bob = people("alice", "bob")
    space = live_space(alice)
    space.bans.create(user=bob, by=alice)
    assert cards.resolve([space.public_id], bob) == {}
    assert cards.resolve([space.public_id], alice)


# Any: pytest-django's.
def test_it_costs_the_same_for_many_links(django_assert_num_queries: Any) -> None:
    hosts = people("alice", "bob", "carol")
    ids = [live_space(host).public_id for host in hosts]
    with django_assert_num_queries(3):
        assert len(cards.resolve(ids, None)) == 3

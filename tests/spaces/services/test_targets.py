"""What alerts and reports say about a Space."""

import pytest

from accounts import targets
from accounts.targets import Description
from tests.spaces.town import green_space, live_space, people

pytestmark = pytest.mark.django_db


def test_it_describes_spaces_to_those_who_may_see_them() -> None:
    alice, bob = people("alice", "bob")
    live, green = live_space(alice, title="Tea"), green_space(bob)
    things = [("space", live.pk), ("space", green.pk), ("space", 404)]
    assert targets.describe(things, alice) == {things[0]: Description(live.get_absolute_url(), "Tea")}
    assert set(targets.describe(things, bob)) == set(things[:2])

"""Which policy counts, for whom and for how long."""

from media_relay.forwarding.media_kind import MediaKind
from media_relay.protocol.relay import Policy, Sources
from media_relay.rooms.authority import Authority

LEASE_MS = Policy.LEASE_S * 1000
TALKS = Sources(microphone=True)


def policy(rev: int, *users: str, space: str = "s", sources: Sources = TALKS) -> Policy:
    return Policy(space, rev, dict.fromkeys(users, sources))


def test_it_allows_nobody_before_the_first_policy() -> None:
    assert Authority("s", 13).allowed == {}


def test_it_allows_what_the_policy_lists() -> None:
    authority = Authority("s", 13)
    assert authority.apply(policy(1, "a", sources=Sources(microphone=True, screen=True)), 0)
    assert authority.allowed == {"a": frozenset({MediaKind.MICROPHONE, MediaKind.SCREEN})}


def test_it_keeps_a_muted_person_on_stage() -> None:
    authority = Authority("s", 13)
    authority.apply(policy(1, "a", sources=Sources()), 0)
    assert authority.allowed == {"a": frozenset()}


def test_it_ignores_an_older_policy_and_another_space_s() -> None:
    authority = Authority("s", 13)
    authority.apply(policy(5, "a"), 0)
    assert not authority.apply(policy(4, "b"), 0)
    assert not authority.apply(policy(9, "b", space="t"), 0)
    assert set(authority.allowed) == {"a"}


def test_it_takes_an_equal_policy_for_a_renewal() -> None:
    authority = Authority("s", 13)
    authority.apply(policy(5, "a"), 0)
    assert not authority.apply(policy(5, "a"), LEASE_MS)
    assert not authority.lapse(LEASE_MS + 1)


def test_it_lapses_once_and_comes_back_with_the_same_policy() -> None:
    authority = Authority("s", 13)
    authority.apply(policy(5, "a"), 0)
    assert not authority.lapse(LEASE_MS)
    assert authority.lapse(LEASE_MS + 1)
    assert authority.allowed == {}
    assert not authority.lapse(LEASE_MS + 2)
    assert authority.apply(policy(5, "a"), LEASE_MS + 3)
    assert set(authority.allowed) == {"a"}


def test_it_never_allows_more_than_a_stage_holds_and_keeps_those_who_are_there() -> None:
    authority = Authority("s", 2)
    authority.apply(policy(1, "x", "y"), 0)
    authority.apply(policy(2, "a", "x", "b", "y"), 0)
    assert set(authority.allowed) == {"x", "y"}

"""Which address a peer is at, and for how long."""

from media_relay.ice.agent import CONSENT_MS, MAX_ADDRESSES, STALE_MS, Agent
from media_relay.ice.stun import BindingRequest

HOME, PHONE = b"home", b"phone"


def check(*, nominated: bool = True) -> BindingRequest:
    return BindingRequest(b"t" * 12, "ours", "theirs", nominated, False, 20)


def test_it_sends_nowhere_before_a_nominated_check() -> None:
    agent = Agent(opened_ms=0)
    agent.on_check(check(nominated=False), HOME, 10)
    assert agent.selected == b""
    agent.on_check(check(), HOME, 20)
    assert agent.selected == HOME


def test_it_moves_with_a_nominated_check_from_elsewhere() -> None:
    agent = Agent(opened_ms=0)
    agent.on_check(check(), HOME, 0)
    agent.on_check(check(), PHONE, 1000)
    assert agent.selected == PHONE


def test_it_stays_while_the_selected_address_lives() -> None:
    agent = Agent(opened_ms=0)
    agent.on_check(check(), HOME, 0)
    agent.on_check(check(nominated=False), PHONE, STALE_MS)
    assert agent.selected == HOME


def test_it_moves_without_nomination_when_the_selected_address_is_silent() -> None:
    """A NAT that forgot the mapping: the same check comes from another port."""
    agent = Agent(opened_ms=0)
    agent.on_check(check(), HOME, 0)
    agent.on_check(check(nominated=False), PHONE, STALE_MS + 1)
    assert agent.selected == PHONE


def test_it_keeps_few_addresses_and_never_drops_the_selected_one() -> None:
    agent = Agent(opened_ms=0)
    agent.on_check(check(), HOME, 0)
    gone = [agent.on_check(check(nominated=False), bytes([i]), i) for i in range(1, 20)]
    assert len(agent.validated) == MAX_ADDRESSES
    assert HOME in agent.validated
    assert sum(map(len, gone)) == 20 - MAX_ADDRESSES


def test_it_loses_consent_after_the_last_check() -> None:
    agent = Agent(opened_ms=0)
    assert agent.has_consent(CONSENT_MS - 1)
    agent.on_check(check(), HOME, 5000)
    assert agent.has_consent(5000 + CONSENT_MS - 1)
    assert not agent.has_consent(5000 + CONSENT_MS)


def test_it_draws_new_credentials_for_every_peer() -> None:
    agents = [Agent(opened_ms=0) for _ in range(100)]
    assert (
        len({agent.ufrag for agent in agents}) == len({agent.password for agent in agents}) == 100
    )

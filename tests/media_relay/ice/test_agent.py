"""Which address a peer is at, and for how long."""

from media_relay.ice.agent import MAX_ADDRESSES, SILENT_MS, STALE_MS, Agent
from media_relay.ice.path import CONSENT_MS, Path
from media_relay.ice.stun import BindingRequest

HOME, PHONE = b"home", b"phone"


def check(*, nominated: bool = True) -> BindingRequest:
    return BindingRequest(b"t" * 12, "ours", "theirs", nominated, False, 20)


def checked(agent: Agent, address: bytes, now_ms: int, *, nominated: bool = True) -> Path:
    """Let a check come from an address, and let that answer ours."""
    path = agent.on_check(check(nominated=nominated), address, now_ms)
    agent.on_answered(path, now_ms)
    return path


def test_it_sends_nowhere_before_a_nominated_check() -> None:
    agent = Agent(opened_ms=0)
    checked(agent, HOME, 10, nominated=False)
    assert agent.selected == b""
    agent.on_check(check(), HOME, 20)
    assert agent.selected == HOME


def test_it_sends_nowhere_before_a_check_of_ours_is_answered() -> None:
    agent = Agent(opened_ms=0)
    path = agent.on_check(check(), HOME, 10)
    assert agent.selected == b""
    agent.on_answered(path, 20)
    assert agent.selected == HOME


def test_it_moves_with_a_nominated_check_from_elsewhere_that_answers() -> None:
    agent = Agent(opened_ms=0)
    checked(agent, HOME, 0)
    path = agent.on_check(check(), PHONE, 1000)
    assert agent.selected == HOME, "The way before is good until then."
    agent.on_answered(path, 1100)
    assert agent.selected == PHONE


def test_it_does_not_move_to_what_was_nominated_before() -> None:
    agent = Agent(opened_ms=0)
    late = agent.on_check(check(), PHONE, 0)
    checked(agent, HOME, 1000)
    agent.on_answered(late, 1100)
    assert agent.selected == HOME


def test_it_stays_while_the_selected_address_lives() -> None:
    agent = Agent(opened_ms=0)
    checked(agent, HOME, 0)
    checked(agent, PHONE, STALE_MS, nominated=False)
    assert agent.selected == HOME


def test_it_moves_without_nomination_when_the_selected_address_is_silent() -> None:
    """A NAT that forgot the mapping: the same check comes from another port."""
    agent = Agent(opened_ms=0)
    checked(agent, HOME, 0)
    path = agent.on_check(check(nominated=False), PHONE, STALE_MS + 1)
    assert agent.selected == HOME
    agent.on_answered(path, STALE_MS + 2)
    assert agent.selected == PHONE


def test_it_does_not_go_back_to_an_address_whose_consent_has_run_out() -> None:
    agent = Agent(opened_ms=0)
    checked(agent, PHONE, 0)
    checked(agent, HOME, 1000)
    agent.on_check(check(), PHONE, CONSENT_MS)
    assert agent.selected == HOME


def test_it_keeps_few_addresses_and_never_drops_the_selected_one() -> None:
    agent = Agent(opened_ms=0)
    checked(agent, HOME, 0)
    gone = []
    for i in range(1, 20):
        agent.on_check(check(nominated=False), bytes([i]), i)
        gone.append(agent.surplus())
    assert len(agent.paths) == MAX_ADDRESSES
    assert HOME in agent.paths
    assert len(gone) - gone.count(None) == 20 - MAX_ADDRESSES


def test_it_loses_consent_after_the_last_check() -> None:
    agent = Agent(opened_ms=0)
    checked(agent, HOME, 5000)
    assert agent.has_consent(5000 + SILENT_MS - 1)
    assert not agent.has_consent(5000 + SILENT_MS)


def test_it_loses_consent_after_the_last_answer_whatever_is_checked() -> None:
    agent = Agent(opened_ms=0)
    checked(agent, HOME, 0)
    for now_ms in range(0, CONSENT_MS, 1000):
        agent.on_check(check(), HOME, now_ms)
        assert agent.has_consent(now_ms)
    assert not agent.has_consent(CONSENT_MS)
    assert not agent.may_send(CONSENT_MS)


def test_it_draws_new_credentials_for_every_peer() -> None:
    agents = [Agent(opened_ms=0) for _ in range(100)]
    assert (
        len({agent.ufrag for agent in agents}) == len({agent.password for agent in agents}) == 100
    )

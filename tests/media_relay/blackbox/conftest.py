"""One Valkey and one relay for the whole folder; every test has its own Space in it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from media_relay.protocol.relay import CloseSpace
from tests.bench.peer import Identity
from tests.media_relay.blackbox.harness import Bus, RelayProcess, Scene
from tests.media_relay.blackbox.light import LightRoom
from tests.media_relay.blackbox.member import Member, SdpEdit
from tests.stack.valkey import Valkey, running_valkey

Join = Callable[..., Awaitable[Member]]


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    with running_valkey() as server:
        yield server


@pytest.fixture(scope="session")
def shared_relay(valkey: Valkey) -> Iterator[RelayProcess]:
    relay = RelayProcess(valkey.url).start()
    yield relay
    assert relay.stop() == 0, relay.log


@pytest.fixture
def relay(shared_relay: RelayProcess) -> Iterator[RelayProcess]:
    """The shared relay, with the proof that this test neither ended it nor made it stumble."""
    told = len(shared_relay.log)
    yield shared_relay
    assert shared_relay.alive, shared_relay.log
    assert "Traceback" not in shared_relay.log[told:], shared_relay.log[told:]


@pytest.fixture
async def bus(relay: RelayProcess) -> AsyncIterator[Bus]:
    bus = await Bus(relay.redis_url, relay.relay).start()
    yield bus
    await bus.close()


@pytest.fixture
async def scene(bus: Bus) -> AsyncIterator[Scene]:
    scene = Scene(bus)
    await bus.follow(scene.space)
    yield scene
    await bus.send(CloseSpace(scene.space, "ended"))


@pytest.fixture
async def join(scene: Scene) -> AsyncIterator[Join]:
    """Return a function that brings an aiortc peer into the Space: `await join("alice",
    microphone=True)`.

    Whoever may send something is on stage. Without sources it is a listener, without a user a
    visitor.
    """
    members: list[Member] = []

    async def enter(
        user: str = "",
        *,
        edit_offer: SdpEdit = str,
        edit_answer: SdpEdit = str,
        stage: bool = False,
        **sources: bool,
    ) -> Member:
        if sources:
            await scene.allow(user, **sources)
        members.append(Member(scene, user, stage or bool(sources)))
        return await members[-1].join(edit_offer, edit_answer)

    yield enter
    for member in members:
        await member.close()


@pytest.fixture(scope="session")
def identity() -> Identity:
    return Identity()


@pytest.fixture
async def light(scene: Scene, identity: Identity) -> AsyncIterator[LightRoom]:
    """Light peers in the Space, for tests that count or forge packets."""
    room = LightRoom(scene, identity)
    yield room
    await room.close()

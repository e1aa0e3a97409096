"""The main job: somebody opens a Space, speaks with the camera on, and others hear and see them in
their browsers.
"""

import pytest

from tests.browser.town import Town
from tests.browser.voices import BLUE, RED

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_it_carries_voices_and_pictures_from_the_stage_to_everyone(town: Town) -> None:
    host = town.visitor(voice=RED)
    host.logs_in(town.new_handle())
    host.opens_a_space("How we got our river back")
    host.allows_microphone()
    host.starts()
    host.talks()
    host.shows_camera()

    first, second, stranger = town.person(BLUE), town.person(), town.visitor()
    for listener in (first, second, stranger):
        listener.listens_to(host.room_url)
        listener.hears(RED)
        listener.sees(RED)
        listener.sees_it_move()

    first.asks_to_speak()
    host.approves(first)
    first.is_on_stage()
    second.hears_nothing_of(BLUE, seconds=1)  # Nobody hears a new speaker before the tap.
    first.talks()
    first.shows_camera()
    for listener in (second, stranger):
        listener.hears(RED)
        listener.hears(BLUE)
    host.hears(BLUE)

    host.mutes()
    for listener in (second, stranger, host):
        listener.sees(BLUE)
    second.sees_it_move()
    second.loses(RED)
    host.talks()
    first.mutes()
    for listener in (second, stranger, first):
        listener.sees(RED)
    second.loses(BLUE)

    host.ends()
    for person in (host, first, second, stranger):
        person.sees_the_end()


def test_one_click_unlocks_the_sound_and_asks_for_no_microphone(town: Town) -> None:
    host = town.person(RED)
    host.is_live_in("One click")
    host.talks()
    listener = town.person()
    asked = listener.counts_permission_requests()
    listener.opens(host.room_url)
    # Nothing plays before the click.
    assert listener.ask("() => instruments.audio().every(({open}) => !open)")
    listener.presses_listen()
    listener.hears(RED)
    listener.sees_speaking(host)
    assert asked() == 0


def test_nobody_hears_or_sees_themselves(town: Town) -> None:
    host, listener = town.person(RED), town.person()
    host.is_live_in("Alone with a mirror")
    host.talks()
    host.shows_camera()
    listener.listens_to(host.room_url)
    listener.hears(RED)
    host.hears_nothing_of(RED, seconds=2)

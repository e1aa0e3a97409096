from media_relay.forwarding.audio_slots import BUSY_MS, SETTLED_MS, AudioSlots

SILENT, LOUD, LOUDER = -70.0, -30.0, -20.0
EVERYONE = ("ayu", "budi", "citra", "dewa", "eka")


def levels(**loud: float) -> dict[str, float]:
    return {user: loud.get(user, SILENT) for user in EVERYONE}


def seated(now_ms: int = 0, **loud: float) -> AudioSlots:
    audio_slots = AudioSlots(3)
    audio_slots.update(levels(**loud), now_ms)
    return audio_slots


def test_it_has_nobody_at_first() -> None:
    assert AudioSlots(3).heard() == (None, None, None)


def test_it_seats_everyone_while_there_are_seats_even_in_silence() -> None:
    audio_slots = AudioSlots(3)
    audio_slots.update({"ayu": SILENT, "budi": SILENT}, 0)
    assert audio_slots.heard() == ("ayu", "budi", None)


def test_it_seats_the_loudest_when_there_are_more() -> None:
    assert set(seated(dewa=LOUD, eka=LOUDER).heard()) == {"eka", "dewa", "ayu"}


def test_it_lets_a_silent_seat_yield_at_once_to_somebody_who_speaks() -> None:
    audio_slots = seated()
    assert audio_slots.heard() == ("ayu", "budi", "citra")
    audio_slots.update(levels(eka=LOUD), 50)
    assert "eka" in audio_slots.heard()


def test_it_keeps_the_seat_of_somebody_between_two_words() -> None:
    audio_slots = seated(ayu=LOUD, budi=LOUD, citra=LOUD)
    audio_slots.update(levels(eka=LOUDER), BUSY_MS - 1)
    assert audio_slots.heard() == ("ayu", "budi", "citra")
    audio_slots.update(levels(eka=LOUDER), BUSY_MS)
    assert "eka" in audio_slots.heard()


def test_it_changes_busy_seats_only_for_the_clearly_louder_and_not_soon() -> None:
    audio_slots = seated(ayu=-40.0, budi=LOUD, citra=LOUD)
    for now in range(0, SETTLED_MS, 50):
        audio_slots.update(levels(ayu=-40.0, budi=LOUD, citra=LOUD, eka=-36.0), now)
    audio_slots.update(levels(ayu=-40.0, budi=LOUD, citra=LOUD, eka=-36.0), 10_000)
    assert "ayu" in audio_slots.heard()
    audio_slots.update(levels(ayu=-40.0, budi=LOUD, citra=LOUD, eka=-34.0), 10_050)
    assert set(audio_slots.heard()) == {"budi", "citra", "eka"}


def test_it_moves_nobody_else_when_one_seat_changes() -> None:
    audio_slots = seated(ayu=LOUD, citra=LOUD)
    before = audio_slots.heard()
    audio_slots.update(levels(ayu=LOUD, citra=LOUD, eka=LOUD), 50)
    after = audio_slots.heard()
    assert [index for index in range(3) if before[index] != after[index]] == [before.index("budi")]


def test_it_does_not_flicker_when_four_talk_at_once() -> None:
    audio_slots, changes = seated(), 0
    for now in range(0, 20_000, 50):
        before = audio_slots.heard()
        shift = now // 50 % 4
        audio_slots.update(
            levels(ayu=-30.0 + shift, budi=-29.0, citra=-31.0, dewa=-28.0 - shift), now
        )
        changes += before != audio_slots.heard()
    assert changes <= 1


def test_it_frees_the_seat_of_somebody_who_may_not_be_heard_any_more() -> None:
    audio_slots = seated(ayu=LOUD)
    audio_slots.update({user: level for user, level in levels().items() if user != "ayu"}, 50)
    assert set(audio_slots.heard()) == {"budi", "citra", "dewa"}


def test_it_gives_somebody_on_stage_the_fourth_in_the_place_of_themselves() -> None:
    audio_slots = seated(ayu=LOUD, budi=LOUD, citra=LOUD, dewa=-35.0)
    assert audio_slots.heard() == ("ayu", "budi", "citra")
    assert audio_slots.heard_by("budi") == ("ayu", "dewa", "citra")
    assert audio_slots.heard_by("eka") == ("ayu", "budi", "citra")


def test_it_leaves_the_first_seat_of_nobody_empty_who_hears_anybody() -> None:
    audio_slots = AudioSlots(3)
    audio_slots.update({"ayu": SILENT, "budi": SILENT, "citra": SILENT}, 0)
    assert audio_slots.heard_by("ayu") == ("citra", "budi", None)
    audio_slots.update({"ayu": SILENT, "budi": SILENT}, 50)
    assert audio_slots.heard_by("ayu") == ("budi", None, None)
    assert audio_slots.heard_by("budi") == ("ayu", None, None)
    audio_slots.update({"ayu": SILENT}, 100)
    assert audio_slots.heard_by("ayu") == (None, None, None)


def test_it_keeps_the_loudest_of_the_rest_in_reserve() -> None:
    audio_slots = seated(ayu=LOUD, budi=LOUD, citra=LOUD)
    audio_slots.update(levels(ayu=LOUD, budi=LOUD, citra=LOUD, eka=-45.0), 50)
    assert "eka" in audio_slots.heard_by("ayu")


def test_it_never_seats_anybody_twice() -> None:
    audio_slots = seated()
    for now in range(0, 10_000, 50):
        talking = EVERYONE[now // 700 % 5]
        audio_slots.update(levels(**{talking: LOUD}), now)
        places = [*audio_slots.heard(), audio_slots.heard_by(audio_slots.heard()[0] or "")[0]]
        assert len(set(places)) == 4

"""The numbers of the product: what may be changed, and that a site with other numbers works."""

import json
import os
import re
import subprocess
import sys
from dataclasses import fields

import pytest

from config.env import ROOT
from config.limits import Limits, read


def test_it_has_the_numbers_of_the_rules() -> None:
    limits = read("")
    assert limits == Limits()
    assert limits.stage_seats == 1 + limits.cohosts + limits.speakers  # RULES §5.


def test_it_changes_only_what_is_named() -> None:
    assert read('{"post_chars": 500}') == Limits(post_chars=500)


def test_it_takes_speakers_seats_away_with_the_stage() -> None:
    assert read('{"stage_seats": 9}').speakers == 6


@pytest.mark.parametrize(
    "text",
    [
        '{"no_such_limit": 1}',
        '{"post_chars": -1}',
        '{"post_chars": "many"}',
        '{"post_chars": true}',
        '{"post_chars": 10001}',  # The column takes no more.
        '{"stage_seats": 51}',  # Nor does a relay.
        '{"stage_seats": 3}',  # No seat for a speaker.
        '{"ping_s": 11}',  # Weak before the next ping.
        '{"gone_after_s": 9}',
        '{"poll_longest_s": 60}',
        '{"poll_options": 1}',
        "{",
        "[1]",
    ],
)
def test_it_refuses_what_is_no_limit(text: str) -> None:
    with pytest.raises(ValueError, match=r"PARLEY_LIMITS|Expecting"):
        read(text)


# With none of it all else works: no pins, no reactions, no waiting, nothing remembered.
MAY_BE_NONE = {
    *("post_images", "post_edit_s", "drafts", "fleets_alive", "muted_words", "message_edit_s"),
    *("decoding_wait_s", "leave_grace_s", "handle_rest_s", "export_every_s", "groups_made"),
    *("space_topics", "scheduled_spaces", "early_start_s", "late_notice_s", "remind_before_s"),
    *("remind_host_before_s", "cohosts", "request_again_s", "request_held_s", "requests_in_line"),
    *("ask_unmute_every_s", "seat_held_s", "pins", "reaction_every_ms", "reactions_per_minute"),
    *("captions_shown", "clips_per_replay"),
}


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_it_takes_no_number_with_which_nothing_works(name: str) -> None:
    for value in (0, -1):
        if value == 0 and name in MAY_BE_NONE:
            assert getattr(read(f'{{"{name}": 0}}'), name) == 0
            continue
        with pytest.raises(ValueError, match=f"{name}={value}; [012] is the least"):
            read(f'{{"{name}": {value}}}')


def test_a_site_does_not_start_with_such_a_number() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import config.limits"],
        cwd=ROOT,
        env={**os.environ, "PARLEY_LIMITS": '{"decodings_at_once": 0}'},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "ImproperlyConfigured: PARLEY_LIMITS has decodings_at_once=0; 1 is the least." in (
        done.stderr
    )


# --- a site with other numbers --------------------------------------------------------------------

# Every limit, changed; what the defaults are must not show anywhere.
CHANGED = {
    "post_chars": 500,
    "post_images": 3,
    "picture_bytes": 10 * 2**20,
    "picture_pixels": 30_000_000,
    "picture_jpeg_pixels": 200_000_000,
    "picture_area_px": 2_000_000,
    "picture_short_px": 900,
    "picture_long_area_px": 10_000_000,
    "moving_picture_frames": 200,
    "moving_picture_s": 40,
    "moving_picture_bytes": 6 * 2**20,
    "sound_bytes": 16 * 2**20,
    "voice_clip_s": 99,
    "post_edit_s": 20 * 60,
    "thread_posts": 7,
    "drafts": 6,
    "poll_options": 6,
    "poll_option_chars": 80,
    "poll_shortest_s": 3600,
    "poll_longest_s": 3 * 86400,
    "fleet_life_s": 12 * 3600,
    "fleet_chars": 333,
    "fleets_alive": 4,
    "muted_words": 9,
    "muted_word_chars": 44,
    "api_tokens": 5,
    "leave_grace_s": 5 * 86400,
    "handle_rest_s": 30 * 86400,
    "export_life_s": 2 * 86400,
    "export_every_s": 2 * 86400,
    "group_people": 5,
    "group_name_chars": 33,
    "groups_made": 3,
    "message_edit_s": 10 * 60,
    "share_people": 4,
    "bio_chars": 444,
    "display_name_chars": 66,
    "space_title_chars": 111,
    "space_topics": 4,
    "topic_chars": 22,
    "scheduled_spaces": 3,
    "schedule_ahead_s": 45 * 86400,
    "early_start_s": 25 * 60,
    "late_notice_s": 7 * 60,
    "auto_cancel_s": 3600,
    "remind_before_s": 20 * 60,
    "remind_host_before_s": 40 * 60,
    "reminder_stale_s": 9 * 60,
    "reminders_kept_s": 10 * 86400,
    "evidence_kept_s": 40 * 86400,
    "longest_space_s": 6 * 3600,
    "stage_seats": 9,
    "cohosts": 3,
    "request_reason_chars": 77,
    "request_again_s": 30,
    "request_held_s": 45,
    "requests_in_line": 50,
    "invitation_s": 90,
    "ask_unmute_every_s": 15,
    "ping_s": 4,
    "weak_after_s": 8,
    "gone_after_s": 12,
    "seat_held_s": 40,
    "host_lost_s": 90,
    "pins": 4,
    "reaction_every_ms": 2000,
    "reactions_per_minute": 15,
    "requests_per_minute": 8,
    "joins_per_minute": 40,
    "visits_per_minute": 5000,
    "consent_s": 20,
    "caption_chars": 222,
    "captions_kept_s": 120,
    "captions_shown": 12,
    "replay_kept_s": 14 * 86400,
    "clip_s": 45,
    "clips_per_replay": 3,
    "socket_message_bytes": 48 * 1024,
    "sdp_bytes": 24 * 1024,
    "socket_messages_per_s": 15,
    "socket_snapshots_per_s": 3,
    "network_sockets": 3000,
    "network_handshakes_per_s": 40,
    "account_sockets": 90,
    "person_sockets": 30,
    "decodings_at_once": 1,
    "decoding_wait_s": 5,
    "policy_refresh_s": 8,
}


def test_it_changes_each_limit_in_the_run_below() -> None:
    usual = Limits()
    assert {field.name for field in fields(Limits)} == set(CHANGED)
    assert [name for name, value in CHANGED.items() if getattr(usual, name) == value] == []


def test_a_site_with_other_numbers_shows_and_holds_them() -> None:
    """The tests of tests/limits, in a process whose environment changes every limit."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "tests/limits"],
        cwd=ROOT,
        env={**os.environ, "PARLEY_LIMITS": json.dumps(CHANGED)},
        capture_output=True,
        text=True,
        timeout=220,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:]


def test_a_site_with_other_numbers_wants_no_migration() -> None:
    """How wide a column is and what a check says are the same for every site."""
    done = subprocess.run(
        [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
        cwd=ROOT,
        env={**os.environ, "PARLEY_MODE": "test", "PARLEY_LIMITS": json.dumps(CHANGED)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "No changes detected")


def test_every_limit_is_read_where_it_holds() -> None:
    """A number that nothing reads is a promise that nobody keeps."""
    own = {"config/limits.py"}
    texts = [
        path.read_text()
        for package in ("accounts", "posts", "spaces", "config", "templates")
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".py", ".html"} and path.relative_to(ROOT).as_posix() not in own
    ]
    read_names = set(re.findall(r"\b(?:LIMITS|limits)\.([a-z_]+)", "\n".join(texts)))
    assert {field.name for field in fields(Limits)} - read_names == set()

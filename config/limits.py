"""Every number of RULES that a site may change, once.

`PARLEY_LIMITS={"stage_seats": 9}` in the environment changes one. How wide a column is and what a
protocol allows are no limits of this kind: they stand where they are used.
"""

import json
import os
from dataclasses import dataclass, field, fields, replace
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config.db import columns


def at_most(default: int, most: int) -> Any:  # Any: what `field` returns, too.
    """Return the field of a limit that a site can raise to `most` and no further."""
    return field(default=default, metadata={"most": most})


def at_least(default: int, least: int) -> Any:  # Any: what `field` returns, too.
    """Return the field of a limit that means nothing below `least`; else that is 1."""
    return field(default=default, metadata={"least": least})


def or_none(default: int) -> Any:  # Any: what `field` returns, too.
    """Return the field of a limit that may be 0: there is none of it, and all else works."""
    return at_least(default, 0)


# A relay has fixed tables: so many people of one room may send, listeners with pins included.
STAGE_MOST = 50


@dataclass(frozen=True)
class Limits:
    """Limits and times of the product; `_s` is seconds, `_ms` milliseconds."""

    # People and posts
    post_chars: int = at_most(280, columns.TEXT_CHARS)
    post_images: int = or_none(4)
    # Pictures: what is taken, and what they become
    picture_bytes: int = 20 * 2**20
    picture_pixels: int = 40_000_000  # In RGBA 160 MB, while it is read.
    picture_jpeg_pixels: int = 250_000_000  # Read at a half, a quarter or an eighth of its size.
    picture_area_px: int = 2_560_000  # 1600 x 1600.
    picture_short_px: int = 1080  # A long one is not made narrower than this for its area,
    picture_long_area_px: int = 12_000_000  # unless it is larger than that.
    moving_picture_frames: int = 300
    moving_picture_s: int = 60
    moving_picture_bytes: int = 8 * 2**20
    # Pictures and recordings that are read at the same time on one machine.
    decodings_at_once: int = 2
    decoding_wait_s: int = or_none(8)
    # Recordings: 140 s of a CD's sound are 25 MB.
    sound_bytes: int = 32 * 2**20
    voice_clip_s: int = 140
    post_edit_s: int = or_none(30 * 60)
    thread_posts: int = 25
    drafts: int = or_none(100)
    poll_options: int = at_least(4, 2)
    poll_option_chars: int = at_most(50, columns.NAME_CHARS)
    poll_shortest_s: int = 5 * 60
    poll_longest_s: int = 7 * 86400
    fleet_life_s: int = 24 * 3600
    fleet_chars: int = at_most(280, columns.TEXT_CHARS)
    # Of one person at a time: more would keep whoever taps their face for minutes.
    fleets_alive: int = or_none(30)
    muted_words: int = or_none(200)
    muted_word_chars: int = at_most(100, columns.NAME_CHARS)
    api_tokens: int = 20  # Of one person; the oldest gives way.
    leave_grace_s: int = or_none(14 * 86400)
    # Of a deleted account, or of one with another handle now.
    handle_rest_s: int = or_none(90 * 86400)
    export_life_s: int = 7 * 86400
    export_every_s: int = or_none(86400)
    group_people: int = at_least(32, 2)
    group_name_chars: int = at_most(50, columns.NAME_CHARS)
    groups_made: int = or_none(100)  # By one person, and still there.
    message_edit_s: int = or_none(30 * 60)  # How long a message can be taken back for everybody.
    share_people: int = 20  # At once.
    bio_chars: int = at_most(160, columns.PARAGRAPH_CHARS)
    display_name_chars: int = at_most(50, columns.NAME_CHARS)
    # A Space's life (RULES §3)
    space_title_chars: int = at_most(70, columns.NAME_CHARS)
    space_topics: int = or_none(3)
    topic_chars: int = at_most(30, columns.TOPIC_CHARS)
    scheduled_spaces: int = or_none(10)
    schedule_ahead_s: int = 30 * 86400
    early_start_s: int = or_none(15 * 60)
    late_notice_s: int = or_none(10 * 60)
    auto_cancel_s: int = 2 * 3600
    remind_before_s: int = or_none(10 * 60)
    remind_host_before_s: int = or_none(30 * 60)
    reminder_stale_s: int = 15 * 60
    reminders_kept_s: int = 30 * 86400
    evidence_kept_s: int = 30 * 86400
    longest_space_s: int = 12 * 3600
    # The stage (RULES §5)
    stage_seats: int = at_most(13, STAGE_MOST)  # With the host's.
    cohosts: int = or_none(2)  # Of them; their seats stay reserved.
    request_reason_chars: int = at_most(140, columns.PARAGRAPH_CHARS)
    request_again_s: int = or_none(60)
    request_held_s: int = or_none(60)
    requests_in_line: int = or_none(500)
    invitation_s: int = 60
    ask_unmute_every_s: int = or_none(30)
    # Connection loss (RULES §6)
    ping_s: int = 5
    weak_after_s: int = 10
    gone_after_s: int = 15
    seat_held_s: int = or_none(60)
    host_lost_s: int = 120
    # In the room (RULES §8)
    pins: int = or_none(10)
    reaction_every_ms: int = or_none(1000)
    reactions_per_minute: int = or_none(20)
    requests_per_minute: int = 10
    joins_per_minute: int = 60
    visits_per_minute: int = 6000  # Of an address, without an account.
    consent_s: int = 30
    # What was said (RULES §8)
    caption_chars: int = at_most(500, columns.PARAGRAPH_CHARS)
    captions_kept_s: int = 5 * 60
    captions_shown: int = or_none(40)  # Lines for somebody who has just come in.
    replay_kept_s: int = 30 * 86400
    clip_s: int = 30
    clips_per_replay: int = or_none(200)
    # Sockets (DESIGN §3)
    socket_message_bytes: int = 64 * 1024
    sdp_bytes: int = 32 * 1024
    socket_messages_per_s: int = 20
    socket_snapshots_per_s: int = 4  # A snapshot costs as much as a hundred pings.
    # In one web process. A class, or a whole house, may be behind one address.
    network_sockets: int = 4000
    network_handshakes_per_s: int = 50  # Once they were all opened.
    account_sockets: int = 100
    person_sockets: int = 40  # Open tabs of one person, in one web process.
    # Media authority (DESIGN §4)
    policy_refresh_s: int = 10

    @property
    def speakers(self) -> int:
        """How many speakers have a seat beside the host and the co-hosts (RULES §5)."""
        return self.stage_seats - 1 - self.cohosts


# Else a page would be weak or gone between two pings, and no poll had a time that it may end at.
IN_ORDER = (
    ("ping_s", "weak_after_s"),
    ("weak_after_s", "gone_after_s"),
    ("poll_shortest_s", "poll_longest_s"),
)


def read(text: str) -> Limits:
    """Return the defaults changed by the JSON object `text`.

    Raises ValueError for an unknown name, for a number that is none, larger than the database and
    the relay can hold or so small that nothing would ever work, for a stage without a seat for a
    speaker, and for times in an order that cannot be.
    """
    try:
        changes = json.loads(text) if text else {}
    except ValueError as error:
        raise ValueError(
            f'PARLEY_LIMITS is not JSON ({error}); write {{"post_chars": 500}}.'
        ) from error
    if not isinstance(changes, dict):
        raise ValueError('PARLEY_LIMITS must be a JSON object, as {"post_chars": 500}.')
    known = {field.name: field for field in fields(Limits)}
    for name, value in changes.items():
        if name not in known or not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(
                f"PARLEY_LIMITS has a bad entry: {name}={value!r}. The names are in "
                "config/limits.py, and each is a whole number."
            )
        most = known[name].metadata.get("most", value)
        if value > most:
            raise ValueError(f"PARLEY_LIMITS has {name}={value}; {most} is the most.")
        least = known[name].metadata.get("least", 1)
        if value < least:
            raise ValueError(f"PARLEY_LIMITS has {name}={value}; {least} is the least.")
    limits = replace(Limits(), **changes)
    for smaller, larger in IN_ORDER:
        if getattr(limits, smaller) > getattr(limits, larger):
            raise ValueError(f"PARLEY_LIMITS has {smaller} above {larger}.")
    if limits.speakers < 1:
        raise ValueError("PARLEY_LIMITS leaves no seat for a speaker: raise stage_seats.")
    return limits


try:
    LIMITS = read(os.environ.get("PARLEY_LIMITS", ""))
except ValueError as sentence:
    raise ImproperlyConfigured(str(sentence)) from sentence

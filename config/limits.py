"""Every number of RULES, once.

Each is a setting: `PARLEY_LIMITS={"stage_seats": 9}` in the environment changes it.
"""

import json
import os
from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class Limits:
    """Limits and times of the product; `_s` is seconds, `_ms` milliseconds."""

    # People and posts
    post_chars: int = 280
    post_images: int = 4
    voice_clip_s: int = 140
    post_edit_s: int = 30 * 60
    thread_posts: int = 25
    drafts: int = 100
    poll_options: int = 4
    poll_option_chars: int = 50
    poll_shortest_s: int = 5 * 60
    poll_longest_s: int = 7 * 86400
    fleet_life_s: int = 24 * 3600
    fleet_chars: int = 280
    # Of one person at a time: more would keep whoever taps their face for minutes.
    fleets_alive: int = 30
    muted_words: int = 200
    muted_word_chars: int = 100
    leave_grace_s: int = 14 * 86400
    export_life_s: int = 7 * 86400
    export_every_s: int = 86400
    group_people: int = 32
    group_name_chars: int = 50
    groups_made: int = 100  # By one person, and still there.
    message_edit_s: int = 30 * 60  # How long a message can be taken back for everybody.
    share_people: int = 20  # At once.
    bio_chars: int = 160
    display_name_chars: int = 50
    # A Space's life (RULES §3)
    space_title_chars: int = 70
    space_topics: int = 3
    scheduled_spaces: int = 10
    schedule_ahead_s: int = 30 * 86400
    early_start_s: int = 15 * 60
    late_notice_s: int = 10 * 60
    auto_cancel_s: int = 2 * 3600
    remind_before_s: int = 10 * 60
    remind_host_before_s: int = 30 * 60
    reminder_stale_s: int = 15 * 60
    reminders_kept_s: int = 30 * 86400
    evidence_kept_s: int = 30 * 86400
    longest_space_s: int = 12 * 3600
    # The stage (RULES §5)
    stage_seats: int = 13
    cohosts: int = 2
    speakers: int = 10
    request_reason_chars: int = 140
    request_again_s: int = 60
    request_held_s: int = 60
    requests_in_line: int = 500
    invitation_s: int = 60
    ask_unmute_every_s: int = 30
    # Connection loss (RULES §6)
    ping_s: int = 5
    weak_after_s: int = 10
    gone_after_s: int = 15
    seat_held_s: int = 60
    host_lost_s: int = 120
    # In the room (RULES §8)
    pins: int = 10
    reaction_every_ms: int = 1000
    reactions_per_minute: int = 20
    requests_per_minute: int = 10
    joins_per_minute: int = 60
    visits_per_minute: int = 6000  # Of an address, without an account.
    consent_s: int = 30
    # What was said (RULES §8)
    caption_chars: int = 500
    captions_kept_s: int = 5 * 60
    captions_shown: int = 40  # Lines for somebody who has just come in.
    replay_kept_s: int = 30 * 86400
    clip_s: int = 30
    clips_per_replay: int = 200
    # Sockets (DESIGN §3)
    socket_message_bytes: int = 64 * 1024
    sdp_bytes: int = 32 * 1024
    socket_messages_per_s: int = 20
    socket_snapshots_per_s: int = 4  # A snapshot costs as much as a hundred pings.
    person_sockets: int = 40  # Open tabs of one person, in one web process.


def read(text: str) -> Limits:
    """Return the defaults changed by the JSON object `text`.

    Raises ValueError for an unknown name or a bad number.
    """
    changes = json.loads(text) if text else {}
    if not isinstance(changes, dict):
        raise ValueError("PARLEY_LIMITS must be a JSON object.")
    known = {field.name for field in fields(Limits)}
    for name, value in changes.items():
        if name not in known or not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise ValueError(f"PARLEY_LIMITS has a bad entry: {name}={value!r}")
    return replace(Limits(), **changes)


LIMITS = read(os.environ.get("PARLEY_LIMITS", ""))

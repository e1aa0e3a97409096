"""Captions, recording and replay: a process of its own that listens to a Space as another relay
does.

    worker         which Spaces are wanted, and which of them this process has leased
    space_session  serves one Space: hands what it hears to the captions and to the recorder
    feed           the slot packets of one Space from Redis
    captions/      Opus -> sound -> words, in child processes
    recording/     the append-only packet log
    rendering/     from a log to MP4, m4a, WebVTT, chapters and a poster

Commands: `python -m media_relay.egress` (the process), `….render`, `….clip`, `….transcribe`.
"""

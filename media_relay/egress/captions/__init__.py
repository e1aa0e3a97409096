"""From Opus packets to lines of words.

captioner  one Space: a lane per person who is heard, lines out of what the engines say pool
the child processes, and when they are too far behind wire       what goes between a pool and its
children child      `python -m media_relay.egress.captions.engine_process`: lanes, each with ears
and an engine ears       Opus -> 16 kHz, with the silences that nobody sends engine     the
interface of an engine, and which one covers a language sphinx, whisper, endpoint   the engines
"""

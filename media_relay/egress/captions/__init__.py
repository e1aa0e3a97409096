"""From Opus packets to lines of words.

captioner       one Space: a lane per person who is heard, lines out of what engines say
pool            the child processes, and when they are too far behind
messages        what goes from a pool to its children
engine_process  a child: `python -m media_relay.egress.captions.engine_process`
opus_decoder    Opus -> 16 kHz, with the silences that nobody sends
engine          the interface of an engine
engine_choice   which engine covers a language
sphinx, whisper the engines
endpoint        where speech begins and ends, for whisper
"""

"""From a packet log to files that people can play.

The log is read twice. The first time for what is small: pieces of time, slot map, sender reports,
captions, notes. From these follow the line of time (`timeline`), when each packet was captured
(`capture`), and what is shown when (`shots`). The second time packet by packet: sound is decoded
and mixed (`sound`, `mixer`), pictures are decoded and shown (`film`, `screen`, `cards`), all of it
into one MP4 (`movie`). Memory does not grow with the talk.

Captions, chapters and the index are written last (`texts`, `replay`).
"""

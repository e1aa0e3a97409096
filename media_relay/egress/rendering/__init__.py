"""From a packet log to files that people can play.

The log is read twice. The first time for what is small: pieces of time, slot map, sender reports,
captions, notes (`log_summary`). From these follow the line of time (`timeline`), when each packet
was captured (`capture_clock`), and what is shown when (`shot_list`). The second time packet by
packet: sound is decoded and mixed (`audio_decoder`, `mixer`), pictures are decoded and shown
(`video_decoder`, `compositor`, `still_images`), all of it into one MP4 (`mp4_writer`). Memory does
not grow with the talk.

Captions, chapters and the index are written last (`text_tracks`, `replay`).
"""

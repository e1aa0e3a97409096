"""How wide the columns for people's words are.

A limit of the product (`config.limits`) is a rule that a site may change at any time; a column is
changed by a migration. So columns are wider than any limit may become, and `config.limits` refuses
a limit beyond its column.
"""

TOPIC_CHARS = 60  # A topic, a hashtag.
NAME_CHARS = 200  # Names, titles, options: one line.
PARAGRAPH_CHARS = 2000  # Some lines: a bio, a line of a transcript.
TEXT_CHARS = 10_000  # What somebody writes: posts, Fleets.

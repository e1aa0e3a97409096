"""The messages of the relay's bus, each declared once: this declaration parses and encodes them.

`relay` is between the web and a relay, `egress` between the web and captions and recording. It is
the one package of `media_relay` that `spaces` may import.
"""

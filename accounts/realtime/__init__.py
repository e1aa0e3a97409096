"""The socket of a person, and what all sockets of the site share: who is there, how fast they may
talk, what waits.
"""

"""Who is sent to whom: inbound tracks, outgoing slots, and who gets which.

No sockets, no clock of its own.
"""

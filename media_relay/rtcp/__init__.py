"""RTCP: what publishers and listeners tell the relay about loss and time, and what it answers."""

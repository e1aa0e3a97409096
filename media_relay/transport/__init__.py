"""DTLS-SRTP towards one peer, and one packet to many peers at once."""

"""ICE-lite over one UDP socket (RFC 8445 §2.5): who may send us anything at all."""

"""A talk on disk: what came from the relay, as it came and when it came."""

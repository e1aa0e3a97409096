"""Spaces over REST: the same services and the same rules as the pages and the sockets."""

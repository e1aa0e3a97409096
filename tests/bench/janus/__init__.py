"""Debian's Janus beside the relay: the same talk to the same kind of listeners.

Left out where it is not installed.
"""

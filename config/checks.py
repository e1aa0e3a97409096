"""Parley's own system checks."""

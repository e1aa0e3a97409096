"""Daphne with a beginning that is told and an end that nobody notices."""

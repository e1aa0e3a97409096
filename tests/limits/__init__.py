"""What a limit says, held to whatever number this site gave it.

These tests name no number of their own. They run with everybody else's, and once more in a process
whose `PARLEY_LIMITS` changes every limit (tests/config/test_limits.py).
"""

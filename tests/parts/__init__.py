"""What a whole Parley does while one of its parts is really missing: stopped, full, locked or
read-only.
"""

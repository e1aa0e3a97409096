"""A folder of its own, because a script's folder is on its import path, and `config` has a
`logging` in it.
"""

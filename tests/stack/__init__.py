"""The real processes for tests: the whole product (`parley`), a Valkey alone (`valkey`), waiting
for conditions.
"""

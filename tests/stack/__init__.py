"""The real processes for tests: the whole product (`parley`) or a Valkey alone (`valkey`), and waiting for conditions."""

class StartError(Exception):
    """Parley cannot start. The text is one sentence for a person and says what to do."""

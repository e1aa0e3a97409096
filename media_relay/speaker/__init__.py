"""Who is talking: audio levels and the active speaker."""

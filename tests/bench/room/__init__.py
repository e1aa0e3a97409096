"""What a room costs the web server: `python -m tests.bench.room` (`make bench-room`)."""

"""A town to look around in: people, what they said, and Spaces to come. Never in production."""

"""The web's side of the media relays: which one, and what is said to it."""

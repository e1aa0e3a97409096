"""The offer that every browser gets and the answer it sends back. No sockets, no state."""

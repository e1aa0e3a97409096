"""What the declared messages of the sockets, the relay and egress say elsewhere.

The structs are the one declaration. From them `python -m config.dev.wire` writes the page's types
(`*.d.ts`) and, between two marks, the lists in the PROTOCOL files; with `--check` it writes nothing
and fails if either is not what it would write.
"""

"""`manage.py run`: every process of Parley under one parent, with one log.

    main        reads the command line and the environment, says what is wrong in one sentence
    plan        which processes there are, in which order they start and stop
    supervisor  starts, watches, restarts and stops them
    process     one child: its start, its lines, its end
    probes      how each one is known to be ready, and alive
    ports       where the run may listen
    valkey      the embedded Redis server
    preparation migrations and demo data, skipped when nothing changed
    record      run.json: what runs where, for tests and tools

The parent loads no Django: it starts at once, and a mistake in an app cannot take it down.
"""

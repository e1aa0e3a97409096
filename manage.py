#!/usr/bin/env python
"""Django's command line for Parley."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["run"]:
        # The parent of all processes needs no Django.
        from config.supervisor.main import main as run

        sys.exit(run(sys.argv[2:]))
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # The environment's; its text says what to write.
        sys.exit(f"parley: {error}")


if __name__ == "__main__":
    main()

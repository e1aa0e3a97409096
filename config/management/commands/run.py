"""Lists `run` in `manage.py help`; `manage.py` itself starts it without loading Django, which is
faster.
"""

import sys
from argparse import ArgumentParser, Namespace
from typing import Any

from django.core.management import BaseCommand

from config.supervisor.main import main


class Command(BaseCommand):
    help = (
        "Start every process of Parley in one terminal: "
        "web, worker, beat, relay and the embedded Valkey."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--ready-file", help="write run.json here too, once everything serves")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's own signature.
        chosen = Namespace(**options).ready_file
        sys.exit(main(["--ready-file", chosen] if chosen else []))

"""Fill an empty house with the people and posts of the demo."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from config.dev.demo import seeding
from config.dev.demo.people import LOG_INS, PASSWORD


class Command(BaseCommand):
    help = (
        "Make the demo's people, posts and Spaces, where they are missing. Refuses in production."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--accounts",
            type=int,
            default=settings.ENV.demo_accounts,
            help="also make demo1 … demoN (DEMO_ACCOUNTS)",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's own signature.
        if settings.PRODUCTION or not settings.DEMO:
            raise CommandError(
                "The demo accounts have a public password: "
                "not in production, and not with DEMO off."
            )
        if options["accounts"] < 0:
            raise CommandError("--accounts must not be negative.")
        seeding.seed(options["accounts"])
        names = ", ".join(person.handle for person in LOG_INS)
        self.stdout.write(f"the demo is there: log in as {names} with the password {PASSWORD}")

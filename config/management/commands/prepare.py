"""Everything that must be done between a new version of the code and its first request."""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, call_command

from accounts.notifications import vapid
from config.dev.demo import closing
from config.http import collected_files


class Command(BaseCommand):
    help = (
        "Migrate the database; in production collect static files, in the demo make its people, "
        "and without it close their accounts. "
        "Safe to repeat."
    )

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's own signature.
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write("the database is up to date")
        # Not at first use: by then the folder may be read-only, or full.
        vapid.public_key()
        if settings.PRODUCTION and not collected_files.are_current():
            call_command("collectstatic", interactive=False, verbosity=0)
            collected_files.remember()
            self.stdout.write("static files are collected")
        if settings.DEMO:
            call_command("seed_demo")
        elif closed := closing.close():
            self.stdout.write(f"{closed} accounts of the demo are closed")

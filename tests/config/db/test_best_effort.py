"""A page that is only read does not wait for what it would like to note."""

import sqlite3
import time

import pytest
from django.db import connection

from accounts.models import User
from config.db import best_effort
from tests.accounts.people import browser_of, person

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_lets_go_at_once_while_somebody_else_writes() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL locks rows")
    budi = person("budi")
    browser = browser_of(budi)
    holder = sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    try:
        page = browser.get("/alerts/")
        noted = best_effort.note(User.objects.filter(pk=budi.pk).update, bio="read")
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert (page.status_code, noted) == (200, False)
    assert time.monotonic() - begun < 5
    assert best_effort.note(User.objects.filter(pk=budi.pk).update, bio="read")
    assert connection.connection.execute("PRAGMA busy_timeout").fetchone() == (10_000,)


def test_it_hides_no_mistake() -> None:
    def wrong() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM nothing")

    with pytest.raises(Exception, match="nothing"):
        best_effort.note(wrong)

"""What a database of the former release brings along."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE = ("accounts", "0008_no_invitation_kind")
NAMES = ("accounts", "0009_names")


def migrate(*targets: tuple[str, str]) -> None:
    MigrationExecutor(connection).migrate(list(targets))


@pytest.mark.django_db(transaction=True)
def test_it_lets_a_group_keep_what_it_may_when_a_model_is_renamed() -> None:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    migrate(BEFORE)
    try:
        staff = Group.objects.create(name="Helpers")
        staff.permissions.add(Permission.objects.get(codename="change_noticesettings"))
        migrate(NAMES)
        kept = staff.permissions.get()
    finally:
        migrate(*newest)
    assert kept.codename == "change_notificationpreferences"
    assert kept.content_type.model == "notificationpreferences"

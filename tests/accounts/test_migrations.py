"""What a database of the former release brings along."""

import pytest
from django.apps import apps as django_apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
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


MODERATION = ("accounts", "0015_moderation_apart")


@pytest.mark.django_db(transaction=True)
def test_who_could_suspend_may_moderate() -> None:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    migrate(("accounts", "0014_security_letters"))
    try:
        ContentType.objects.filter(model="moderateduser").delete()
        helpers, readers = Group.objects.create(name="Helpers"), Group.objects.create(name="R")
        helpers.permissions.add(Permission.objects.get(codename="change_user"))
        readers.permissions.add(Permission.objects.get(codename="view_user"))
        migrate(MODERATION)
        may = Permission.objects.get(codename="moderate", content_type__app_label="accounts")
        given = list(may.group_set.values_list("name", flat=True))
    finally:
        migrate(*newest)
    assert given == ["Helpers"]
    create_permissions(django_apps.get_app_config("accounts"), verbosity=0)
    assert list(Permission.objects.filter(codename="moderate")) == [may], "there is one of it"

"""Call two models by the words of the glossary. Tables, columns and indexes stay as they are."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

NEW_NAMES = {"departure": "accountdeletion", "noticesettings": "notificationpreferences"}


def rename_permissions(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let groups keep what they may: Django renames content types only after a bare RenameModel."""
    rename(apps, NEW_NAMES)


def rename_permissions_back(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    rename(apps, {new: old for old, new in NEW_NAMES.items()})


def rename(apps: StateApps, names: dict[str, str]) -> None:
    """Rename what stands; on a new database nothing does yet."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    for old, new in names.items():
        ContentType.objects.filter(app_label="accounts", model=old).update(model=new)
        for permission in Permission.objects.filter(
            content_type__app_label="accounts", codename__endswith=f"_{old}"
        ):
            permission.codename = permission.codename.removesuffix(old) + new
            permission.save(update_fields=["codename"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_no_invitation_kind"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameModel("Departure", "AccountDeletion"),
                migrations.AlterModelTable("accountdeletion", "accounts_departure"),
                migrations.AlterField(
                    "accountdeletion",
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="account_deletion",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.RenameModel("NoticeSettings", "NotificationPreferences"),
                migrations.AlterModelTable("notificationpreferences", "accounts_noticesettings"),
                migrations.AlterField(
                    "notificationpreferences",
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="notification_preferences",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.RunPython(rename_permissions, rename_permissions_back),
    ]

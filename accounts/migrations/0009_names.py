"""Call two models by the words of the glossary. Tables, columns and indexes stay as they are."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_no_invitation_kind")]

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
    ]

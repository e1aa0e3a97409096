import accounts.models.user
from django.db import migrations, models

# With one of these, people could be suspended until now: on the page of a user, or by a report.
COULD_SUSPEND = ("change_user", "change_report")


def give_to_moderators(apps, schema_editor):
    """Whoever could suspend may moderate, by themselves or by their groups.

    Rows of permissions are made after all migrations, so this one is made here.
    """
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    kind, _ = ContentType.objects.get_or_create(app_label="accounts", model="moderateduser")
    moderate, _ = Permission.objects.get_or_create(
        content_type=kind, codename="moderate", defaults={"name": "Can moderate people"}
    )
    could = Permission.objects.filter(
        content_type__app_label="accounts", codename__in=COULD_SUSPEND
    )
    for group in apps.get_model("auth", "Group").objects.filter(permissions__in=could).distinct():
        group.permissions.add(moderate)
    people = apps.get_model("accounts", "User").objects
    for person in people.filter(user_permissions__in=could).distinct():
        person.user_permissions.add(moderate)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0014_security_letters"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="ModeratedUser",
            fields=[],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people to moderate",
                "permissions": [("moderate", "Can moderate people")],
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("accounts.user",),
            managers=[("objects", accounts.models.user.UserManagerFromQuerySet())],
        ),
        migrations.AlterField(
            model_name="decision",
            name="action",
            field=models.CharField(
                choices=[
                    ("dismiss", "Nothing to do"),
                    ("note", "Note among staff"),
                    ("warn", "Warned"),
                    ("remove", "Removed"),
                    ("end", "Ended the Space"),
                    ("mute", "Muted in a room"),
                    ("put_out", "Removed from a room"),
                    ("suspend", "Suspended"),
                    ("reinstate", "Reinstated"),
                    ("uphold", "Appeal refused"),
                    ("overturn", "Appeal granted"),
                ],
                max_length=10,
                verbose_name="action",
            ),
        ),
        migrations.RunPython(give_to_moderators, migrations.RunPython.noop),
    ]

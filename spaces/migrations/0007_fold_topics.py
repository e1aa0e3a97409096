"""Topics that differ by the form of their letters alone become one, the older one."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from config.db import columns
from config.text import casefolded


def fold(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    topics = apps.get_model("spaces", "Topic").objects
    for topic in topics.order_by("pk").iterator():
        key = casefolded(topic.name)[: columns.TOPIC_CHARS]
        if key == topic.key:
            continue
        other = topics.filter(key=key).exclude(pk=topic.pk).first()
        if other is None:
            topics.filter(pk=topic.pk).update(key=key)
            continue
        for space in topic.spaces.all():
            space.topics.add(other)  # Once, if it had both.
        topic.delete()


class Migration(migrations.Migration):
    dependencies = [("spaces", "0006_interruptions")]
    operations = [migrations.RunPython(fold, migrations.RunPython.noop)]

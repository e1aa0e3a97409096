"""Tell the replies there are already which post began their conversation."""

from django.db import migrations
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce


def find_roots(apps, schema_editor):
    post = apps.get_model("posts", "Post")
    while True:  # One level of answers each time round.
        level = post.objects.filter(root=None, reply_to__isnull=False).filter(
            reply_to__in=post.objects.filter(reply_to=None) | post.objects.filter(root__isnull=False)
        )
        parent = post.objects.filter(pk=OuterRef("reply_to"))
        if not level.update(root=Subquery(parent.values(found=Coalesce("root", "pk"))[:1])):
            return


class Migration(migrations.Migration):
    dependencies = [("posts", "0007_polls_drafts_threads")]
    operations = [migrations.RunPython(find_roots, migrations.RunPython.noop)]

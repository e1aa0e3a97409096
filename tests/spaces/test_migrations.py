"""What a database of the former release brings along."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from spaces.models import Space, Topic
from tests.accounts.people import person

BEFORE = ("spaces", "0006_interruptions")


@pytest.mark.django_db(transaction=True)
def test_it_makes_one_topic_of_those_that_differ_by_the_form_of_their_letters() -> None:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    maya = person("maya")
    MigrationExecutor(connection).migrate([BEFORE])
    try:
        older, newer, alone = (
            Topic.objects.create(name=name, key=name.casefold())
            for name in ("caf\u00e9", "cafe\u0301", "\uff21\uff22\uff23")
        )
        both, one = (Space.objects.create(host=maya, title="Tea") for _ in range(2))
        both.topics.add(older, newer)
        one.topics.add(newer, alone)
    finally:
        MigrationExecutor(connection).migrate(newest)
    assert list(both.topics.all()) == [older]
    assert list(one.topics.order_by("pk")) == [older, alone]
    assert Topic.objects.get(pk=alone.pk).key == "abc"
    assert not Topic.objects.filter(pk=newer.pk).exists()

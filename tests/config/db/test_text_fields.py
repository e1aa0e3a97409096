"""Columns of people's words: whatever way a value goes into the row, it is cleaned."""

import pytest
from django import forms
from django.core.management import call_command
from django.db.models import F, Value
from django.forms import modelform_factory

from accounts.models import User
from config.http import text_fields
from spaces.models import Topic
from tests.accounts.people import person

pytestmark = pytest.mark.django_db
TYPED, STORED = " Tea\tand\u202e\x01cake\u2028 ", "Tea and cake"


def stored(topic: Topic) -> str:
    return Topic.objects.values_list("name", flat=True).get(pk=topic.pk)


def test_it_cleans_what_is_saved_and_the_object_says_so_too() -> None:
    topic = Topic.objects.create(key="tea", name=TYPED)
    assert (topic.name, stored(topic)) == (STORED, STORED)
    topic.name = TYPED
    topic.save(update_fields=["name"])
    assert (topic.name, stored(topic)) == (STORED, STORED)


def test_it_cleans_rows_that_are_made_or_changed_many_at_once() -> None:
    (topic,) = Topic.objects.bulk_create([Topic(key="tea", name=TYPED)])
    assert stored(topic) == STORED
    Topic.objects.update(name=f"{TYPED}!")
    assert stored(topic) == f"{STORED} !"
    topic.name = TYPED
    Topic.objects.bulk_update([topic], ["name"])
    assert stored(topic) == STORED


def test_it_leaves_alone_what_it_is_compared_with_and_what_the_database_works_out() -> None:
    topic = Topic.objects.create(key="tea", name="Tea and cake")
    assert Topic.objects.filter(name__contains="a and c").exists()
    assert not Topic.objects.filter(name__contains=" Tea").exists()
    Topic.objects.update(name=F("key"))
    assert stored(topic) == "tea"


def test_it_keeps_the_line_ends_of_a_text_of_several_lines() -> None:
    maya = person("maya", bio="One\r\nTwo\x0bThree\x00 ")
    assert maya.bio == "One\nTwo\nThree"


def test_it_gives_the_admin_a_field_that_cleans_and_keeps_line_ends() -> None:
    form = modelform_factory(User, fields=["display_name", "bio"])
    assert isinstance(form.base_fields["display_name"], text_fields.LineField)
    assert isinstance(form.base_fields["bio"], text_fields.LinesField)
    assert isinstance(form.base_fields["bio"].widget, forms.Textarea)


def test_it_reads_what_an_older_version_stored_as_it_is() -> None:
    topic = Topic.objects.create(key="tea", name="Tea")
    Topic.objects.update(name=Value("a\x01b"))  # An expression goes past the field.
    assert stored(topic) == "a\x01b"


def test_it_is_a_plain_column_to_migrations() -> None:
    name, path, _args, kwargs = Topic._meta.get_field("name").deconstruct()
    assert (name, path) == ("name", "django.db.models.CharField")
    assert kwargs["max_length"] == 60
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)

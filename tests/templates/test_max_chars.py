"""Limits of words are given to the page in the server's measure alone."""

import re

import pytest
from django import forms
from django.template import Context, Template

from config.env import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
_TAG = re.compile(r"<(?:input|textarea)\b[^>]*maxlength[^>]*>")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_field_of_words_is_cut_by_the_browsers_measure(path: object) -> None:
    """A search is no text that anybody keeps, and the admin has no scripts of ours."""
    source = (ROOT / "templates" / str(path)).read_text()
    found = _TAG.findall(source) if "/admin/" not in str(path) else []
    assert [tag for tag in found if 'type="search"' not in tag] == []


class Words(forms.Form):
    name = forms.CharField(max_length=50)
    bio = forms.CharField(max_length=160, widget=forms.Textarea)
    own = forms.CharField(max_length=400, widget=forms.Textarea(attrs={"data-max-chars": 100}))
    code = forms.CharField(max_length=8, widget=forms.PasswordInput)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("name", 'data-max-chars="50" maxlength="100"'),
        ("bio", 'data-max-chars="160" maxlength="320"'),
        ("own", 'data-max-chars="100"'),
        ("code", 'maxlength="8"'),
    ],
)
def test_fields_of_forms_say_code_points(name: str, says: str) -> None:
    page = Template("{% load people %}{% field form." + name + " %}").render(
        Context({"form": Words()})
    )
    control = re.search(r"<(?:input|textarea)[^>]*>", page)
    assert control is not None
    assert set(says.split()) <= set(control[0].removesuffix(">").split())


def test_a_template_says_code_points() -> None:
    page = Template("<input {% max_chars 30 %}>").render(Context({}))
    assert page == '<input data-max-chars="30" maxlength="60">'

"""Form fields of people's words: refused for its real reason, and for no other."""

import pytest
from django.core.exceptions import ValidationError

from config.http.text_fields import LineField, LinesField


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("  a\x00b ", "a b"),
        ("Alice\t42\tJakarta", "Alice 42 Jakarta"),
        ("one\r\ntwo", "one two"),
        ("\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"),
    ],
)
def test_it_takes_one_line(typed: str, taken: str) -> None:
    assert LineField().clean(typed) == taken


def test_it_counts_a_line_end_once_though_browsers_send_two_characters() -> None:
    field = LinesField(max_length=5)
    assert field.clean("a\r\nb\r\nc") == "a\nb\nc"
    with pytest.raises(ValidationError, match="at most 5 characters"):
        field.clean("a\r\nb\r\ncd")


def test_it_counts_what_it_keeps() -> None:
    assert LineField(max_length=3).clean("\u202ea  b\u202c\u2069 ") == "a b"


@pytest.mark.parametrize("typed", ["", " \t", "\u3164", "\u2800", "\ufe0f", "\u200d\x00"])
def test_it_asks_for_what_cannot_be_seen(typed: str) -> None:
    with pytest.raises(ValidationError, match="required"):
        LineField().clean(typed)
    assert LinesField(required=False).clean(typed) == ""


def test_it_takes_no_value_as_nothing() -> None:
    assert LineField(required=False).clean(None) == ""

"""Serializer fields of people's words: refused for its real reason, and for no other."""

import pytest
from rest_framework.exceptions import ValidationError

from config.rest.text_fields import LineField, LinesField


def test_it_cleans_before_it_measures() -> None:
    assert LineField(max_length=3).run_validation("\u202ea\x00\tb\u202c ") == "a b"
    assert LinesField(max_length=3).run_validation("a\r\nb ") == "a\nb"
    with pytest.raises(ValidationError) as refused:
        LineField(max_length=3).run_validation("a b c")
    assert refused.value.get_codes() == ["max_length"]


@pytest.mark.parametrize("sent", ["", " ", "\u3164", "\u2800\ufe0f", "\x00"])
def test_it_asks_for_what_cannot_be_seen(sent: str) -> None:
    with pytest.raises(ValidationError) as refused:
        LineField().run_validation(sent)
    assert refused.value.get_codes() == ["blank"]
    assert LinesField(allow_blank=True).run_validation(sent) == ""


@pytest.mark.parametrize("sent", [None, [], {}, True])
def test_it_refuses_what_is_no_text(sent: object) -> None:
    with pytest.raises(ValidationError):
        LineField().run_validation(sent)

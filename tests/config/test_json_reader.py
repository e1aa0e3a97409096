"""What of JSON is taken, and what is not."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.json_reader import DEPTH_MAX, BadJson, JsonValue, clean, parse, read

# All code points: half surrogate pairs, NUL, unassigned ones.
TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=20)
VALUES = st.recursive(
    st.one_of(TEXT, st.integers(), st.floats(), st.booleans(), st.none()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, -2.5, true, null, "x"]}', {"a": [1, -2.5, True, None, "x"]}),
        ('"\\ud83d\\ude00"', "😀"),
        ('"😀"'.encode(), "😀"),
        ('{"a\\u0000b": "c\\u0000d"}', {"a b": "c d"}),
        (str(2**63 - 1), 2**63 - 1),
        ('"\\u200d\\ue000\\uffff\U0010ffff"', "\u200d\ue000\uffff\U0010ffff"),
    ],
)
def test_it_reads_what_everything_behind_can_hold(text: str | bytes, value: JsonValue) -> None:
    assert read(text) == value


def test_it_reads_what_is_as_deep_as_allowed() -> None:
    text = "[" * DEPTH_MAX + "1" + "]" * DEPTH_MAX
    assert json.dumps(read(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "nul", "{'a': 1}", "[1,]", "\ufeff{}", '"a\nb"', "01", "\0"),
        *(b"\xff", b'"\xed\xa0\x80"', b'"\xc0\x80"', b'"\xf5\x80\x80\x80"'),
        *('"\ud83d"', '"\\ud83d"', '"\\ude00\\ud83d"', '{"\\ud83d": 1}', '[{"a": ["\\udfff"]}]'),
        *("NaN", "[Infinity]", "-Infinity", "1e999", '{"a": -1e400}'),
        *("9" * 19, "-" + "9" * 30, "[1" + "0" * 400 + "]", "9" * 5000),
        *("[" * 90_000, '{"a":' * 90_000, "[" * 2000 + "]" * 2000),
        "[" * (DEPTH_MAX + 1) + "1" + "]" * (DEPTH_MAX + 1),
        *('{"a": 1, "a": 1}', '[{"b": {"a": 1, "a": 2}}]', '{"\\u0061": 1, "a": 2}'),
    ],
)
def test_it_refuses_the_rest(text: str | bytes) -> None:
    with pytest.raises(BadJson):
        read(text)


@given(VALUES)
def test_it_returns_what_can_be_written_or_refuses(value: JsonValue) -> None:
    text = json.dumps(value)
    assert json.dumps(parse(text)) == text
    try:
        cleaned = json.dumps(clean(parse(text)), ensure_ascii=False, allow_nan=False)
    except BadJson:
        return
    cleaned.encode()
    assert "\\u0000" not in cleaned


@given(st.one_of(TEXT, st.binary(max_size=40)))
def test_it_raises_nothing_else(text: str | bytes) -> None:
    try:
        value = read(text)
    except BadJson:
        return
    assert not isinstance(value, float) or math.isfinite(value)

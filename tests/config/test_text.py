"""Text that people write, cleaned; the words of every script stay as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.text import is_invisible, isolated, line, lines

CODE_POINT = st.integers(0, 0x10FFFF).map(chr)
TEXT = st.text(CODE_POINT)
ODD = st.text(
    st.one_of(
        st.sampled_from("ab \t\r\n\v\f\x00\x1b\x7f\x85\xa0\u2028\u2029\u200b\u200d\u202e\u2069"),
        st.sampled_from("\ufeff\ufffe\uffff\ud83d\udc00\u3164\u2800\ufe0f\U000e0067\U0001fffe"),
        CODE_POINT,
    )
)

KEPT = {
    "an emoji of Unicode 15": "I \U0001fa77 you \U0001fae8",
    "one emoji of Unicode 15": "\U0001fa77",
    "an emoji of Unicode 17": "\U0001faea and \U0001f6d8",
    "a code point that is not assigned": "a\u0378b\U000a1234",
    "a private character": "\uf8ff \U000f0001",
    "the flag of England": "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "the flag of Wales": "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f",
    "a joined emoji": "Ana \U0001f469\u200d\U0001f4bb",
    "a family": "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
    "a Persian name": "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",
    "a Persian verb": "\u0645\u06cc\u200c\u0631\u0648\u062f \U0001f469\u200d\U0001f680",
    "Khmer with zero-width blanks": "\u1797\u17b6\u179f\u17b6\u200b\u1781\u17d2\u1798\u17c2\u179a",
    "a conjunct of Sinhala": "\u0dc1\u0dca\u200d\u0dbb\u0dd3",
    "a Tamil word": "\u0ba4\u0bae\u0bbf\u0bb4\u0bcd",
    "a heart with its selector": "\u2764\ufe0f or \u2764\ufe0e",
    "an ideograph with its selector": "\u845b\U000e0100\u57ce",
    "a mark of direction": "C++\u200e \u05d0",
    "a Mongolian selector": "\u182a\u180b",
    "a soft hyphen": "Donau\u00addampf",
    "a word joiner": "a\u2060b",
    "a no-break blank": "10\u00a0km",
    "an ideographic blank": "\u6771\u4eac\u3000\u5927\u962a",
    "marks on marks": "\u0489\u0489\u0489",
    "a keycap": "1\ufe0f\u20e3",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_it_keeps_every_code_point(text: str) -> None:
    assert line(text) == text
    assert lines(text) == text


@pytest.mark.parametrize(
    ("text", "on_one", "on_many"),
    [
        ("Alice\t42\tJakarta", "Alice 42 Jakarta", "Alice 42 Jakarta"),
        ("Name\u2028Surname", "Name Surname", "Name\nSurname"),
        ("Name\u2029Surname", "Name Surname", "Name\nSurname"),
        ("Name\vSurname", "Name Surname", "Name\nSurname"),
        ("Name\fSurname", "Name Surname", "Name\nSurname"),
        ("Name\x85Surname", "Name Surname", "Name\nSurname"),
        ("Name\x1cSurname", "Name Surname", "Name\nSurname"),
        ("Name\rSurname", "Name Surname", "Name\nSurname"),
        ("Name\r\nSurname", "Name Surname", "Name\nSurname"),
        ("Name\n\rSurname", "Name Surname", "Name\n\nSurname"),
        ("Name\u2002Surname", "Name\u2002Surname", "Name\u2002Surname"),
        ("Name\u2007Surname", "Name\u2007Surname", "Name\u2007Surname"),
        ("Name \u2002 Surname", "Name Surname", "Name \u2002 Surname"),
        ("a\x01b", "a b", "a b"),
        ("a\x00b", "a b", "a b"),
        ("a\x9bb", "a b", "a b"),
        (" \n a \n b \n ", "a b", "a \n b"),
        ("a\u202eb", "ab", "ab"),
        ("a\u2066b\u2069c", "abc", "abc"),
        ("\ufeffa\ufffeb\uffffc\U0010ffffd", "abcd", "abcd"),
        ("a\ud83db", "ab", "ab"),
        ("a \u202e b", "a b", "a  b"),
    ],
)
def test_it_makes_controls_blanks_and_line_ends_one(text: str, on_one: str, on_many: str) -> None:
    assert line(text) == on_one
    assert lines(text) == on_many


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "\n\t\r", "\u3164", "\u2800", "\ufe0f", "\u200b", "\u200d\u200c", "\u2060"),
        *("\u115f\u1160", "\uffa0", "\u034f", "\u00ad", "\u180e", "\u061c", "\U000e0041\U000e007f"),
        *("\u2800 \u3164\ufe0f", "\u202e", "\ud83d", "\u3000\u00a0", "\U0001d173", "\U000e0fff"),
    ],
)
def test_it_is_empty_when_nothing_can_be_seen(text: str) -> None:
    assert is_invisible(text) or text in ("\u202e", "\ud83d")  # Those are taken out first.
    assert line(text) == lines(text) == ""


@given(st.one_of(TEXT, ODD))
def test_it_changes_nothing_a_second_time_and_can_be_stored(text: str) -> None:
    for clean in (line, lines):
        once = clean(text)
        assert clean(once) == once
        once.encode()  # No surrogates.
        assert "\x00" not in once  # PostgreSQL refuses it.
        assert not once or not is_invisible(once)


@given(st.one_of(TEXT, ODD))
def test_it_leaves_one_line(text: str) -> None:
    assert len(line(text).splitlines()) <= 1
    assert set("\n".join(lines(text).splitlines())) - {"\n"} == set(lines(text)) - {"\n"}


@pytest.mark.parametrize(
    ("text", "is_turned"),
    [
        ("Maya", False),
        ("\u6771\u4eac", False),
        ("Ana \U0001f469\u200d\U0001f4bb", False),
        ("\u200e", False),
        ("\u0639\u0644\u06cc", True),
        ("\u05d3\u05d5\u05d3 Cohen", True),
        ("\u0710\u072a\u0721", True),  # Syriac.
        ("\u07de\u07ca\u07eb", True),  # N'Ko.
        ("\U0001e900\U0001e923", True),  # Adlam.
        ("\U00010900", True),  # Phoenician.
        ("\ufeb0", True),  # A form of presentation.
    ],
)
def test_it_isolates_names_that_would_turn_a_sentence_around(text: str, is_turned: bool) -> None:
    assert isolated(text) == (f"\u2068{text}\u2069" if is_turned else text)

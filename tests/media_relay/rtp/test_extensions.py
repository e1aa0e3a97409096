import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_relay.rtp import extensions
from tests.media_relay.rtp.build import buffer, rtp

ELEMENTS = ((1, b"5"), (2, b"\x8a"), (3, b"abc"))
LONG = (*ELEMENTS, (200, b"x" * 40))  # Needs the two-byte form.


def raw(extension: bytes, profile: bytes = b"\xbe\xde") -> bytes:
    """Return a packet with exactly these bytes as its extension."""
    return (
        b"\x90"
        + rtp(payload=b"")[1:]
        + profile
        + (len(extension) // 4).to_bytes(2, "big")
        + extension
        + b"payload"
    )


@pytest.mark.parametrize("elements", [ELEMENTS, LONG])
def test_it_finds_each_element_of_both_forms(elements: tuple[tuple[int, bytes], ...]) -> None:
    data = rtp(elements=elements)
    for number, value in elements:
        found = extensions.find(data, len(data), number)
        assert found is not None
        assert data[found[0] : found[0] + found[1]] == value
    assert extensions.find(data, len(data), 9) is None


def test_it_finds_nothing_where_there_is_no_extension_or_an_unknown_one() -> None:
    assert extensions.find(rtp(), 19, 1) is None
    unknown = raw(b"\x10a\0\0", profile=b"\x12\x34")
    assert extensions.find(unknown, len(unknown), 1) is None


@pytest.mark.parametrize("mark", [b"\xf0", b"\x03"])
def test_it_stops_at_an_end_mark(mark: bytes) -> None:
    data = raw(b"\x20\x11" + mark + b"\x10\x35\0\0\0")
    assert extensions.find(data, len(data), 1) is None
    assert extensions.find(data, len(data), 2) == (17, 1)


def test_it_skips_padding_between_elements() -> None:
    data = raw(b"\0\0\x20\x11\0\0\x10\x35")
    assert extensions.find(data, len(data), 1) == (23, 1)


@pytest.mark.parametrize(
    ("extension", "profile"),
    [
        (b"\0\0\0\x10", b"\xbe\xde"),
        (b"\x1fabc", b"\xbe\xde"),
        (b"\0\0\0\x01", b"\x10\x00"),
        (b"\x01\x03ab", b"\x10\x05"),
    ],
)
def test_it_refuses_an_element_that_runs_over_the_end(extension: bytes, profile: bytes) -> None:
    data = bytearray(raw(extension, profile))
    with pytest.raises(ValueError, match="truncated"):
        extensions.find(data, len(data), 9)


@given(
    st.binary(max_size=64),
    st.sampled_from([b"\xbe\xde", b"\x10\x00", b"\x10\x0f", b"\0\0"]),
    st.integers(0, 20),
)
def test_it_raises_nothing_but_value_error_and_changes_nothing(
    extension: bytes, profile: bytes, words: int
) -> None:
    data = b"\x90" + rtp(payload=b"")[1:] + profile + words.to_bytes(2, "big") + extension
    buf = bytearray(data)
    try:
        found = extensions.find(buf, len(buf), 1)
    except ValueError:
        return
    end = 16 + 4 * words
    assert found is None or found[0] + found[1] <= end
    assert bytes(buf) == data


@pytest.mark.parametrize("csrcs", [(), (5, 6)])
@pytest.mark.parametrize("padding", [0, 3])
@pytest.mark.parametrize("elements", [ELEMENTS, LONG])
def test_it_strips_an_extension_and_keeps_the_rest(
    elements: tuple[tuple[int, bytes], ...], padding: int, csrcs: tuple[int, ...]
) -> None:
    data = rtp(elements=elements, padding=padding, csrcs=csrcs)
    for buf in (bytearray(data), buffer(data)):
        length = extensions.strip(buf, len(data))
        assert bytes(buf[:length]) == rtp(padding=padding, csrcs=csrcs)
        assert extensions.strip(buf, length) == length


def test_it_strips_nothing_of_a_truncated_packet() -> None:
    data = bytearray(rtp(elements=ELEMENTS))
    with pytest.raises(ValueError, match="truncated"):
        extensions.strip(data, 20)

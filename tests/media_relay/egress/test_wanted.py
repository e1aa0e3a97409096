import json

import pytest

from media_relay.errors import ProtocolError
from media_relay.protocol.relay import Wanted, wanted_from

FULL = Wanted("space-1", True, "en", "rec_1-a", ("1", "2"))


def test_it_reads_back_a_wish() -> None:
    assert wanted_from(FULL.encode()) == FULL
    assert wanted_from(b'{"space": "s"}') == Wanted("s")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"space": "s", "more": 1}',
        '{"space": "s", "consented": 5}',
        *(
            json.dumps({"space": "s", "recording": name})
            for name in ("", "..", "a/b", "x" * 65, "a b", 5)
        ),
    ],
)
def test_it_refuses_what_nobody_could_want(text: str) -> None:
    """The recording's id names a folder: nothing in it may lead elsewhere."""
    with pytest.raises(ProtocolError):
        wanted_from(text)

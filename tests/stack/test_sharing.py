"""The modules that stay in one worker are there, and nothing else is held together."""

from pathlib import Path

import pytest

from tests.stack.sharing import TOGETHER, Sharing

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("nodeid", "piece"),
    [
        ("tests/demo/test_bot.py::test_a", "tests/demo/test_bot.py"),
        ("tests/demo/test_bot.py::test_b[x::y]", "tests/demo/test_bot.py"),
        ("tests/test_matrix.py::test_a[posts:]", "tests/test_matrix.py::test_a[posts:]"),
    ],
)
def test_it_gives_a_costly_module_to_one_worker_and_others_test_by_test(
    nodeid: str, piece: str
) -> None:
    assert Sharing._split_scope(object.__new__(Sharing), nodeid) == piece


def test_it_names_modules_that_are_there() -> None:
    assert [path for path in sorted(TOGETHER) if not (ROOT / path).is_file()] == []

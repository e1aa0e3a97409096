"""What documents and docstrings say of the repository is true: a file that they name exists."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.source_tree import PACKAGES, all_files, name_of, sources

SUFFIXES = "py|md|js|mjs|css|html|json|toml|txt|po|yaml|conf|service"
NAMED = re.compile(rf"`((?:[\w.-]+/)*[\w.-]+\.(?:{SUFFIXES})|(?:[\w-]+/)+)`")
# Named, but made by a run, by a test or by other people.
ELSEWHERE = re.compile(r"^(?:(?:DATA_DIR/)?run\.json|replay\.json|(?:var|replay/addresses|read)/)$")
# It says what was when it was written.
HISTORY = ("CHANGELOG.md",)


def test_it_names_files_that_exist_in_documents() -> None:
    documents = [path for path in all_files() if path.suffix == ".md"]
    assert list(missing(path for path in documents if name_of(path) not in HISTORY)) == []


def test_it_names_files_that_exist_in_docstrings_and_comments() -> None:
    assert list(missing(iter(sources(*PACKAGES, "tests")))) == []


def missing(files: Iterator[Path]) -> Iterator[str]:
    """Yield `file: path` for each path in backticks with which no path of the repository ends."""
    for file in files:
        for named in NAMED.findall(file.read_text()):
            if named not in endings() and not ELSEWHERE.search(named):
                yield f"{name_of(file)}: {named}"


@cache
def endings() -> frozenset[str]:
    """Return every tail of the path of each file, and of each folder with a slash behind it."""
    found = set()
    for file in all_files():
        steps = name_of(file).split("/")
        found |= {"/".join(steps[start:]) for start in range(len(steps))}
        for end in range(1, len(steps)):
            found |= {"/".join(steps[start:end]) + "/" for start in range(end)}
    return frozenset(found)

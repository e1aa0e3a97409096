"""`python -m config.dev.wire [--check]`"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from config.dev import wire
from config.dev.wire.contracts import Contract, contracts
from config.dev.wire.lists import lists_of, with_lists
from config.dev.wire.page_types import types_of
from config.env import ROOT


def main(arguments: Sequence[str] | None = None) -> int:
    """Write what differs, or name it; return 1 if `--check` found any."""
    parser = argparse.ArgumentParser(prog="python -m config.dev.wire", description=wire.__doc__)
    parser.add_argument("--check", action="store_true", help="only say what is out of date")
    is_check = parser.parse_args(arguments).check
    stale = []
    for path, text in outputs(contracts()):
        if path.exists() and path.read_text() == text:
            continue
        stale.append(path)
        if not is_check:
            path.write_text(text)
    for path in stale:
        verb = "is out of date" if is_check else "written"
        sys.stdout.write(f"parley: {path.relative_to(ROOT)} {verb}\n")
    if stale and is_check:
        sys.stdout.write("parley: run `python -m config.dev.wire`\n")
    return 1 if stale and is_check else 0


def outputs(wanted: Sequence[Contract]) -> Iterator[tuple[Path, str]]:
    """Yield each file that the declarations decide, and what has to be in it."""
    # Two contracts may stand in one document, each under marks of its own.
    lists: defaultdict[Path, dict[str, str]] = defaultdict(dict)
    for contract in wanted:
        if contract.types:
            yield ROOT / contract.types, types_of(contract)
        lists[ROOT / contract.document] |= lists_of(contract)
    for document, by_mark in lists.items():
        yield document, with_lists(document.read_text(), by_mark)


if __name__ == "__main__":
    sys.exit(main())

"""What the declared messages say in the page's types and in the documents."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import pytest
from msgspec import UNSET, Meta, Struct, UnsetType

from config.dev.wire import __main__ as wire
from config.dev.wire.contracts import Contract
from config.dev.wire.lists import lists_of, with_lists
from config.dev.wire.page_types import types_of


class ColourView(Struct, frozen=True):
    """What a thing looks like."""

    name: str
    shades: tuple[Literal["light", "dark"], ...]


class Painted(Struct, frozen=True, tag="thing.painted"):
    """All."""

    colour: ColourView
    at: float | None
    ref: str | UnsetType = UNSET


class Palette(Struct, frozen=True):
    """What lies in Redis."""

    by_name: Mapping[str, ColourView]


class Paint(Struct, frozen=True, tag="thing.paint"):
    """Host."""

    colour: Annotated[str, Meta(max_length=9)]
    coats: int = 1


@pytest.fixture
def contract() -> Contract:
    return Contract("here", "doc.md", "types.d.ts", [Paint], [Painted], has_ref=True)


def test_it_writes_the_types_of_the_page(contract: Contract) -> None:
    assert (
        types_of(contract)
        == """\
// Written by `python -m config.dev.wire` from here.

/** What a thing looks like. */
export interface Colour {
  name: string;
  shades: ("dark" | "light")[];
}

/** All. */
export interface Painted {
  type: "thing.painted";
  colour: Colour;
  at: number | null;
  ref?: string;
}

export type ServerMessage = Painted;

/** Host. */
export interface Paint {
  type: "thing.paint";
  colour: string;
  coats?: number;
}

export type ClientRequest = Paint;

export type ClientMessage = ClientRequest & { ref?: string };
"""
    )


def test_it_fills_the_lists_of_a_document(contract: Contract) -> None:
    document = "# Before\n<!-- wire: server -->\nold\n<!-- /wire -->\nAfter\n"
    text = with_lists(document, lists_of(contract))
    assert "| `thing.paint` | `colour: string ≤ 9`, `coats?: number` | Host. |" in text
    assert "old" not in text and text.startswith("# Before\n") and text.endswith("After\n")
    assert with_lists(text, lists_of(contract)) == text


def test_it_lists_what_is_stored_under_marks_of_its_own() -> None:
    contract = Contract("here", "doc.md", "", [], [Painted], prefix="relay_", stored=[Palette])
    lists = lists_of(contract)
    assert "Palette {by_name: Record<string, Colour>}" in lists["relay_shapes"]
    assert "`thing.painted`" in lists["relay_client"]


def test_it_puts_two_contracts_into_one_document(
    contract: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "ROOT", tmp_path)
    other = Contract("here", "doc.md", "", [], [Painted], prefix="relay_")
    marks = "<!-- wire: server -->\n<!-- /wire -->\n<!-- wire: relay_client -->\n<!-- /wire -->\n"
    (tmp_path / "doc.md").write_text(marks)
    written = dict(wire.outputs([contract, other]))
    assert list(written) == [tmp_path / "types.d.ts", tmp_path / "doc.md"]
    assert "`thing.paint`" in written[tmp_path / "doc.md"]
    assert "`thing.painted`" in written[tmp_path / "doc.md"]


def test_it_finds_what_is_out_of_date(
    contract: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "ROOT", tmp_path)
    monkeypatch.setattr(wire, "contracts", lambda: [contract])
    (tmp_path / "doc.md").write_text("<!-- wire: shapes -->\n<!-- /wire -->\n")
    assert wire.main(["--check"]) == 1
    assert not (tmp_path / "types.d.ts").exists()
    assert wire.main([]) == 0
    assert wire.main(["--check"]) == 0

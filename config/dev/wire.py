"""`python -m config.dev.wire`: what the declared messages of the sockets say elsewhere.

The structs are the one declaration. From them this writes the page's types (`*.d.ts`) and, between
two marks, the lists in the PROTOCOL files; with `--check` it writes nothing and fails if either is
not what it would write.
"""

import argparse
import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path

import msgspec
from msgspec.inspect import (
    BoolType,
    DateTimeType,
    EnumType,
    Field,
    FloatType,
    IntType,
    ListType,
    LiteralType,
    Metadata,
    NoneType,
    StrType,
    StructType,
    TupleType,
    Type,
    UnionType,
    VarTupleType,
    multi_type_info,
)

from config.env import ROOT

LINE_CHARS = 100
Structs = Sequence[type[msgspec.Struct]]


@dataclass(frozen=True)
class Contract:
    """One socket: its messages both ways, and where they are written down.

    `document` has a pair of marks for each list that it wants. `has_ref`: what the client sends may
    carry a `ref`, which comes back with the answer.
    """

    declared_in: str
    document: str
    types: str
    to_server: Structs
    to_client: Structs
    has_ref: bool

    @cached_property
    def shapes(self) -> list[StructType | EnumType]:
        """Everything that messages are made of and that has a name, in the order it is needed."""
        found: dict[type, StructType | EnumType] = {}
        for message in self._messages:
            for field in message.fields:
                found |= _named_in(field.type)
        own = {message.cls for message in self._messages}
        return [shape for cls, shape in found.items() if cls not in own]

    @cached_property
    def _messages(self) -> list[StructType]:
        return _infos([*self.to_client, *self.to_server])


def contracts() -> list[Contract]:
    from accounts.realtime import messages as person
    from spaces import protocol
    from spaces.rooms import messages as room

    return [
        Contract(
            declared_in="spaces/protocol.py and spaces/rooms/{commands,messages,shapes}.py",
            document="spaces/PROTOCOL.md",
            types="static/js/room/messages.d.ts",
            to_server=list(protocol.MESSAGES.values()),
            to_client=tagged(room.RoomMessage),
            has_ref=True,
        ),
        Contract(
            declared_in="accounts/realtime/messages.py",
            document="accounts/realtime/PROTOCOL.md",
            types="static/js/net/person_messages.d.ts",
            to_server=tagged(person.FromPage),
            to_client=tagged(person.PersonMessage),
            has_ref=False,
        ),
    ]


def tagged(base: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    """Return the structs below `base` that have a tag, in the order of the source."""
    found = []
    for each in base.__subclasses__():
        if each.__struct_config__.tag is not None:
            found.append(each)
        found += tagged(each)
    return sorted(found, key=lambda each: inspect.getsourcelines(each)[1])


def main(arguments: Sequence[str] | None = None) -> int:
    """Write what differs, or name it; return 1 if `--check` found any."""
    parser = argparse.ArgumentParser(prog="python -m config.dev.wire", description=__doc__)
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


def outputs(wanted: Iterable[Contract]) -> Iterator[tuple[Path, str]]:
    """Yield each file that the declarations decide, and what has to be in it."""
    for contract in wanted:
        yield ROOT / contract.types, types_of(contract)
        document = ROOT / contract.document
        yield document, with_lists(document.read_text(), lists_of(contract))


# --- the page's types -----------------------------------------------------------------------------


def types_of(contract: Contract) -> str:
    parts = [
        f"// Written by `python -m config.dev.wire` from {contract.declared_in}.",
        *(_declaration(shape) for shape in contract.shapes),
        *(_declaration(message) for message in _infos(contract.to_client)),
        _union("ServerMessage", [_name(each) for each in contract.to_client]),
        *(_declaration(message) for message in _infos(contract.to_server)),
    ]
    sent = [_name(each) for each in contract.to_server]
    if contract.has_ref:
        parts.append(_union("ClientRequest", sent))
        parts.append("export type ClientMessage = ClientRequest & { ref?: string };")
    else:
        parts.append(_union("ClientMessage", sent))
    return "\n\n".join(parts) + "\n"


def _declaration(shape: StructType | EnumType) -> str:
    if isinstance(shape, EnumType):
        return _union(_name(shape.cls), [f'"{member.value}"' for member in shape.cls])
    lines = []
    doc = _doc(shape.cls)
    if doc:
        lines.append(_comment(doc))
    lines.append(f"export interface {_name(shape.cls)} {{")
    if shape.tag is not None:
        lines.append(f'  type: "{shape.tag}";')
    lines += [f"  {_property(field)}: {type_name(field.type)};" for field in shape.fields]
    return "\n".join([*lines, "}"])


def _union(name: str, members: Sequence[str]) -> str:
    line = f"export type {name} = {' | '.join(members)};"
    if len(line) <= LINE_CHARS:
        return line
    return f"export type {name} =\n" + "\n".join(f"  | {member}" for member in members) + ";"


def _comment(doc: str) -> str:
    """Return a JSDoc comment, broken between words where one line does not hold it."""
    if len(doc) + len("/**  */") <= LINE_CHARS:
        return f"/** {doc} */"
    lines = [" *"]
    for word in doc.split():
        if len(lines[-1]) + 1 + len(word) > LINE_CHARS:
            lines.append(" *")
        lines[-1] += f" {word}"
    return "\n".join(["/**", *lines, " */"])


def type_name(info: Type) -> str:
    """Return the type as TypeScript writes it."""
    match info:
        case Metadata(type=inner, extra_json_schema=schema):
            if schema and "enum" in schema:
                return " | ".join(f'"{value}"' for value in schema["enum"])
            return type_name(inner)
        case StructType(cls=cls) | EnumType(cls=cls):
            return _name(cls)
        case UnionType(types=types):
            return " | ".join(type_name(each) for each in types)
        case LiteralType(values=values):
            return " | ".join(f'"{value}"' for value in values)
        case VarTupleType(item_type=item) | ListType(item_type=item):
            name = type_name(item)
            return f"({name})[]" if isinstance(item, UnionType | LiteralType) else f"{name}[]"
        case TupleType(item_types=items):
            return f"[{', '.join(type_name(each) for each in items)}]"
        case _:
            return _PLAIN[type(info)]


_PLAIN: Mapping[type[Type], str] = {
    BoolType: "boolean",
    IntType: "number",
    FloatType: "number",
    StrType: "string",
    DateTimeType: "string",
    NoneType: "null",
}


# --- the lists in the documents -------------------------------------------------------------------


def lists_of(contract: Contract) -> dict[str, str]:
    """Return each list by the name of its marks."""
    return {
        "shapes": _shape_list(contract.shapes),
        "server": _table(_infos(contract.to_server)),
        "client": _table(_infos(contract.to_client)),
        "errors": _error_list(contract.shapes),
    }


def with_lists(document: str, lists: Mapping[str, str]) -> str:
    """Return the document with what stands between each pair of marks put right."""

    def put(found: re.Match[str]) -> str:
        name = found["name"]
        return f"<!-- wire: {name} -->\n{lists[name]}\n<!-- /wire -->"

    pattern = r"<!-- wire: (?P<name>\w+) -->\n.*?<!-- /wire -->"
    return re.sub(pattern, put, document, flags=re.DOTALL)


def _table(messages: Sequence[StructType]) -> str:
    rows = ["| type | fields | |", "|---|---|---|"]
    for message in messages:
        fields = ", ".join(_cell(field) for field in message.fields if field.name != "ref")
        rows.append(f"| `{message.tag}` | {fields} | {_doc(message.cls)} |")
    return "\n".join(rows)


def _cell(field: Field) -> str:
    text = f"{_property(field)}: {type_name(field.type)}{_bound(field.type)}"
    return f"`{text.replace('|', chr(92) + '|')}`"


def _bound(info: Type) -> str:
    if isinstance(info, StrType) and info.max_length is not None:
        return f" ≤ {info.max_length}"
    return ""


def _shape_list(shapes: Sequence[StructType | EnumType]) -> str:
    lines = []
    for shape in shapes:
        if isinstance(shape, EnumType):
            values = " | ".join(f'"{member.value}"' for member in shape.cls)
            lines.append(f"{_name(shape.cls)} = {values}")
            continue
        fields = ", ".join(f"{_property(each)}: {type_name(each.type)}" for each in shape.fields)
        lines.append(f"{_name(shape.cls)} {{{fields}}}")
        doc = _doc(shape.cls)
        if doc:
            lines.append(f"    {doc}")
    return "\n".join(["```", *lines, "```"])


def _error_list(shapes: Sequence[StructType | EnumType]) -> str:
    codes: Iterable[Enum] = next(
        (each.cls for each in shapes if isinstance(each, EnumType) and _is_error_code(each.cls)),
        (),
    )
    return " · ".join(f"`{code.value}`" for code in codes)


def _is_error_code(cls: type[Enum]) -> bool:
    return cls.__name__ == "ErrorCode"


# --- both -----------------------------------------------------------------------------------------


def _infos(structs: Structs) -> list[StructType]:
    return [info for info in multi_type_info(structs) if isinstance(info, StructType)]


def _named_in(info: Type) -> dict[type, StructType | EnumType]:
    """Return the shapes in a type, each after those that it is made of."""
    match info:
        case Metadata(type=inner, extra_json_schema=schema):
            return {} if schema and "enum" in schema else _named_in(inner)
        case EnumType(cls=cls):
            return {cls: info}
        case StructType(cls=cls, fields=fields):
            inside = [_named_in(field.type) for field in fields]
            return _merged([*inside, {cls: info}])
        case UnionType(types=types) | TupleType(item_types=types):
            return _merged([_named_in(each) for each in types])
        case VarTupleType(item_type=item) | ListType(item_type=item):
            return _named_in(item)
        case _:
            return {}


def _merged(
    parts: Iterable[dict[type, StructType | EnumType]],
) -> dict[type, StructType | EnumType]:
    merged: dict[type, StructType | EnumType] = {}
    for part in parts:
        merged |= part
    return merged


def _name(cls: type) -> str:
    return cls.__name__.removesuffix("View")


def _property(field: Field) -> str:
    return field.encode_name if field.required else f"{field.encode_name}?"


def _doc(cls: type) -> str:
    """Return the docstring in one line; a struct without one says nothing."""
    return " ".join((cls.__doc__ or "").split())


if __name__ == "__main__":
    sys.exit(main())

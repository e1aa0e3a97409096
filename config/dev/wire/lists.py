"""The lists of messages, shapes and codes in the PROTOCOL files."""

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from msgspec.inspect import EnumType, Field, StrType, StructType, Type

from config.dev.wire.contracts import LINE_CHARS, Contract, doc_of, infos_of, name_of, property_of
from config.dev.wire.page_types import type_name


def lists_of(contract: Contract) -> dict[str, str]:
    """Return each list by the name of its marks."""
    lists = {
        "shapes": _shape_list(contract.shapes),
        "server": _table(infos_of(contract.to_server)),
        "client": _table(infos_of(contract.to_client)),
        "errors": _error_list(contract.shapes),
    }
    return {f"{contract.prefix}{name}": text for name, text in lists.items()}


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
        rows.append(f"| `{message.tag}` | {fields} | {doc_of(message.cls)} |")
    return "\n".join(rows)


def _cell(field: Field) -> str:
    text = f"{property_of(field)}: {type_name(field.type)}{_bound(field.type)}"
    return f"`{text.replace('|', chr(92) + '|')}`"


def _bound(info: Type) -> str:
    if isinstance(info, StrType) and info.max_length is not None:
        return f" ≤ {info.max_length}"
    return ""


def _shape_list(shapes: Sequence[StructType | EnumType]) -> str:
    lines = []
    for shape in shapes:
        if isinstance(shape, EnumType):
            if not is_error_code(shape.cls):  # Those have a list of their own.
                values = " | ".join(f'"{member.value}"' for member in shape.cls)
                lines.append(_indented(f"{name_of(shape.cls)} = {values}"))
            continue
        fields = ", ".join(f"{property_of(each)}: {type_name(each.type)}" for each in shape.fields)
        lines.append(_indented(f"{name_of(shape.cls)} {{{fields}}}"))
        doc = doc_of(shape.cls)
        if doc:
            lines.append(_indented(f"    // {doc}"))
    return "\n".join(["```", *lines, "```"])


def _indented(text: str) -> str:
    return textwrap.fill(
        text,
        LINE_CHARS,
        subsequent_indent="    // " if text.startswith("    // ") else "    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _error_list(shapes: Sequence[StructType | EnumType]) -> str:
    codes: Iterable[Enum] = next(
        (each.cls for each in shapes if isinstance(each, EnumType) and is_error_code(each.cls)),
        (),
    )
    return " · ".join(f"`{code.value}`" for code in codes)


def is_error_code(cls: type[Enum]) -> bool:
    return cls.__name__ == "ErrorCode"

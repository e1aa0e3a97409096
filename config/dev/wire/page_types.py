"""The page's types, as TypeScript declares them."""

from collections.abc import Mapping, Sequence

from msgspec.inspect import (
    BoolType,
    DateTimeType,
    DictType,
    EnumType,
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
)

from config.dev.wire.contracts import LINE_CHARS, Contract, doc_of, infos_of, name_of, property_of


def types_of(contract: Contract) -> str:
    parts = [
        f"// Written by `python -m config.dev.wire` from {contract.declared_in}.",
        *(_declaration(shape) for shape in contract.shapes),
        *(_declaration(message) for message in infos_of(contract.to_client)),
        _union("ServerMessage", [name_of(each) for each in contract.to_client]),
        *(_declaration(message) for message in infos_of(contract.to_server)),
    ]
    sent = [name_of(each) for each in contract.to_server]
    if contract.has_ref:
        parts.append(_union("ClientRequest", sent))
        parts.append("export type ClientMessage = ClientRequest & { ref?: string };")
    else:
        parts.append(_union("ClientMessage", sent))
    return "\n\n".join(parts) + "\n"


def _declaration(shape: StructType | EnumType) -> str:
    if isinstance(shape, EnumType):
        return _union(name_of(shape.cls), [f'"{member.value}"' for member in shape.cls])
    lines = []
    doc = doc_of(shape.cls)
    if doc:
        lines.append(_comment(doc))
    lines.append(f"export interface {name_of(shape.cls)} {{")
    if shape.tag is not None:
        lines.append(f'  type: "{shape.tag}";')
    lines += [f"  {property_of(field)}: {type_name(field.type)};" for field in shape.fields]
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
            return name_of(cls)
        case UnionType(types=types):
            return " | ".join(type_name(each) for each in types)
        case LiteralType(values=values):
            return " | ".join(f'"{value}"' for value in values)
        case VarTupleType(item_type=item) | ListType(item_type=item):
            name = type_name(item)
            return f"({name})[]" if isinstance(item, UnionType | LiteralType) else f"{name}[]"
        case DictType(key_type=key, value_type=value):
            return f"Record<{type_name(key)}, {type_name(value)}>"
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

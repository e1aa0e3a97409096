"""The wires whose messages are declared, and what those messages are made of."""

import inspect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import get_args

import msgspec
from msgspec.inspect import (
    DictType,
    EnumType,
    Field,
    ListType,
    Metadata,
    StructType,
    TupleType,
    Type,
    UnionType,
    VarTupleType,
    multi_type_info,
)

from accounts.realtime import messages as person
from media_relay.protocol import egress, relay
from spaces import protocol
from spaces.rooms import messages as room

LINE_CHARS = 100
Structs = Sequence[type[msgspec.Struct]]


@dataclass(frozen=True)
class Contract:
    """One wire: its messages both ways, and where they are written down.

    `document` has a pair of marks for each list that it wants, named with `prefix`. `types` is ""
    where no page reads them. `has_ref`: what the client sends may carry a `ref`, which comes back
    with the answer. `stored` are no messages: they lie in Redis for the other side to read.
    """

    declared_in: str
    document: str
    types: str
    to_server: Structs
    to_client: Structs
    has_ref: bool = False
    prefix: str = ""
    stored: Structs = ()

    @cached_property
    def shapes(self) -> list[StructType | EnumType]:
        """Everything that messages are made of and that has a name, in the order it is needed."""
        fields = [field.type for message in self._messages for field in message.fields]
        found = _all_shapes_in([*fields, *infos_of(self.stored)])
        own = {message.cls for message in self._messages}
        return [shape for cls, shape in found.items() if cls not in own]

    @cached_property
    def _messages(self) -> list[StructType]:
        return infos_of([*self.to_client, *self.to_server])


def contracts() -> list[Contract]:
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
        ),
        Contract(
            declared_in="media_relay/protocol/relay.py",
            document="media_relay/PROTOCOL.md",
            types="",
            to_server=get_args(relay.Request),
            to_client=get_args(relay.RelayMessage),
            prefix="relay_",
            stored=[relay.Node, relay.Policy],
        ),
        Contract(
            declared_in="media_relay/protocol/egress.py",
            document="media_relay/PROTOCOL.md",
            types="",
            to_server=[],
            to_client=get_args(egress.EgressMessage),
            prefix="egress_",
            stored=[egress.Wanted],
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


def infos_of(structs: Structs) -> list[StructType]:
    return [info for info in multi_type_info(structs) if isinstance(info, StructType)]


def shapes_in(info: Type) -> dict[type, StructType | EnumType]:
    """Return the shapes in a type, each after those that it is made of."""
    match info:
        case Metadata(type=inner, extra_json_schema=schema):
            return {} if schema and "enum" in schema else shapes_in(inner)
        case EnumType(cls=cls):
            return {cls: info}
        case StructType(cls=cls, fields=fields):
            return _all_shapes_in(field.type for field in fields) | {cls: info}
        case UnionType(types=types) | TupleType(item_types=types):
            return _all_shapes_in(types)
        case VarTupleType(item_type=item) | ListType(item_type=item) | DictType(value_type=item):
            return shapes_in(item)
        case _:
            return {}


def _all_shapes_in(infos: Iterable[Type]) -> dict[type, StructType | EnumType]:
    found: dict[type, StructType | EnumType] = {}
    for info in infos:
        found |= shapes_in(info)
    return found


def name_of(cls: type) -> str:
    return cls.__name__.removesuffix("View")


def property_of(field: Field) -> str:
    return field.encode_name if field.required else f"{field.encode_name}?"


def doc_of(cls: type) -> str:
    """Return the docstring in one line; a struct without one says nothing."""
    return " ".join((cls.__doc__ or "").split())

"""JSON as it comes in by every door: REST, sockets, scripts of pages. What is taken is I-JSON
(RFC 7493), so nothing behind a door meets text without UTF-8, a number without a column, or a tree
deeper than the stack.

`parse` reads what is well-formed, `clean` refuses what nothing behind it can hold: a socket asks
for a message's `ref` between the two.
"""

import json
import math

DEPTH_MAX = 32  # The deepest that we read has 3; a thousand would end in RecursionError.
INTEGER_MAX = 2**63 - 1  # A BigAutoField, and SQLite's and PostgreSQL's largest integer.

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]


class BadJson(ValueError):
    """No JSON, or JSON that nothing of ours can hold."""


def read(text: str | bytes) -> JsonValue:
    """Return the value that `text` holds, cleaned. Raises BadJson."""
    return clean(parse(text))


def parse(text: str | bytes) -> JsonValue:
    """Return the value in `text`, which is UTF-8 if it is bytes. Raises BadJson.

    Two members of one name are refused: readers differ in which of them counts (RFC 8259 §4).
    """
    try:
        source = text if isinstance(text, str) else text.decode()
        value: JsonValue = json.loads(source, object_pairs_hook=_members)
    except (ValueError, RecursionError) as error:  # Deep nesting ends in RecursionError.
        raise BadJson("no JSON") from error
    return value


def clean(value: JsonValue, depth: int = 0) -> JsonValue:
    """Return `value` with blanks for NUL, which no database takes; other characters are as sent.

    Raises BadJson for half a surrogate pair, NaN and infinity, integers beyond 64 bits and deep
    nesting.
    """
    if depth > DEPTH_MAX:
        raise BadJson("too deep")
    match value:
        case str():
            return _text(value)
        case list():
            return [clean(one, depth + 1) for one in value]
        case dict():
            return {_text(name): clean(one, depth + 1) for name, one in value.items()}
        case float() if not math.isfinite(value):  # Python reads NaN, and 1e999 as infinity.
            raise BadJson("no number")
        case int() if abs(value) > INTEGER_MAX:
            raise BadJson("too large a number")
    return value


def _members(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson("a name twice")
    return found


def _text(text: str) -> str:
    # Half a surrogate pair is legal in JSON's grammar, and in no encoder of ours.
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise BadJson("half a surrogate pair") from error
    return text.replace("\0", " ")

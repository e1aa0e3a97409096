"""Finds what is marked for translation, and what a catalogue translates.

Not by `makemessages`: it needs xgettext, which a fresh machine lacks, and writes into the catalogue.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation.template import templatize


class Marked(NamedTuple):
    text: str
    plural: str = ""
    context: str = ""


@dataclass(frozen=True)
class Marks:
    """The texts of one source, and the places where nobody could read a text or find its mark."""

    texts: frozenset[Marked]
    unreadable: tuple[str, ...] = ()


# Which arguments are text, by the names that `makemessages` gives to xgettext.
_SIMPLE, _PLURAL = ("text",), ("text", "plural")
_ARGUMENTS = {
    "_": _SIMPLE,
    "gettext": _SIMPLE,
    "ngettext": _PLURAL,
    "pgettext": ("context", *_SIMPLE),
    "npgettext": ("context", *_PLURAL),
}
_ARGUMENTS |= {f"{name}_lazy": args for name, args in _ARGUMENTS.items() if name != "_"}
_ARGUMENTS["gettext_noop"] = _SIMPLE
# `templatize` writes u'…'; a script has three kinds of quotes.
_STRING = r"""(?:u?"(?:[^"\\]|\\.)*"|u?'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)"""
_CALL = re.compile(
    rf"(?<!function )(?<![\w$])({'|'.join(sorted(_ARGUMENTS, key=len, reverse=True))})"
    rf"\(\s*({_STRING}(?:\s*[,+]\s*{_STRING})*)?\s*([^\s])"
)
_NEXT_STRING = re.compile(rf"\s*([,+]?)\s*({_STRING})", re.DOTALL)
_FILLED_IN = re.compile(r"`[^`]*\$\{")
# A mark by another name, and a choice between texts: xgettext passes both by.
_OVERLOOKED_IN_SCRIPT = re.compile(
    r"\b(?:n|np|p)?gettext\s+as\s+\w+"
    r"|[=:]\s*(?:n|np|p)?gettext\b(?!\s*\()"
    r"|gettext\(\s*[^\"'`()\s][^()]*[\"'`]"
)


def in_python(source: str) -> Marks:
    texts: set[Marked] = set()
    unreadable: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            unreadable += [
                f"line {node.lineno}: {name.name} as {name.asname}"
                for name in node.names
                if name.name in _ARGUMENTS and name.asname not in (None, "_", name.name)
            ]
        elif isinstance(node, ast.Assign) and _name(node.value) in _ARGUMENTS:
            unreadable.append(f"line {node.lineno}: {ast.unparse(node)}")
        elif isinstance(node, ast.Call) and _name(node.func) in _ARGUMENTS:
            names = _ARGUMENTS[_name(node.func)]
            args = node.args[: len(names)]
            if all(isinstance(arg, ast.Constant) and isinstance(arg.value, str) for arg in args):
                found = [ast.literal_eval(arg) for arg in args]
                texts.add(Marked(**dict(zip(names, found, strict=True))))
            elif any(not isinstance(arg, _LOOKED_UP) for arg in args):
                unreadable.append(f"line {node.lineno}: {ast.unparse(node)}")
    return Marks(frozenset(texts), tuple(unreadable))


# What was marked where it was written (`gettext_noop`) is translated by its name.
_LOOKED_UP = (ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.Call)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def in_template(source: str) -> Marks:
    """`templatize` writes each mark as a call, with all else blotted out."""
    return _in_calls(templatize(source))


def in_script(source: str) -> Marks:
    """Comments and strings are searched too: what stands in them by mistake asks for a translation,
    which is better than a mark that is overlooked.
    """
    found = _in_calls(source)
    overlooked = (match[0] for match in _OVERLOOKED_IN_SCRIPT.finditer(source))
    return Marks(found.texts, (*found.unreadable, *overlooked))


def _in_calls(source: str) -> Marks:
    texts: set[Marked] = set()
    unreadable: list[str] = []
    for call in _CALL.finditer(source):
        name, strings, after = call.groups()
        if not strings:
            continue  # What was marked elsewhere, by its name.
        args: list[str] = []
        for sign, string in _NEXT_STRING.findall(strings):
            if sign == "+":
                args[-1] += _read(string)
            else:
                args.append(_read(string))
        names = _ARGUMENTS[name]
        if len(args) < len(names) or after not in ",)" or _FILLED_IN.search(strings):
            unreadable.append(call[0])
        else:
            texts.add(Marked(**dict(zip(names, args, strict=False))))
    return Marks(frozenset(texts), tuple(unreadable))


def _read(string: str) -> str:
    if string.startswith("`"):
        string = f'"""{string[1:-1]}"""'
    return str(ast.literal_eval(string))


_FIELD = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?) (".*"(?:\n".*")*)', re.M)


def translated(catalogue: str) -> dict[Marked, tuple[str, ...]]:
    """Return the translations of a `.po` file, one for each plural form.

    Fuzzy ones are left out as gettext does, and so are those with an empty form.
    """
    found: dict[Marked, tuple[str, ...]] = {}
    for entry in catalogue.split("\n\n")[1:]:  # The first is the header.
        if re.search(r"^#,.*\bfuzzy\b", entry, re.MULTILINE):
            continue
        fields = {name: _joined(lines) for name, lines in _FIELD.findall(entry)}
        forms = tuple(text for name, text in fields.items() if name.startswith("msgstr"))
        if "msgid" in fields and all(forms):
            key = Marked(fields["msgid"], fields.get("msgid_plural", ""), fields.get("msgctxt", ""))
            found[key] = forms
    return found


def _joined(lines: str) -> str:
    return "".join(ast.literal_eval(line) for line in lines.splitlines())


def lacking(marked: Iterable[Marked], catalogue: Iterable[Marked]) -> Iterator[Marked]:
    """An entry with a plural also serves where only its singular is asked for, not the reverse."""
    known = set(catalogue)
    singular = {(one.text, one.context) for one in known}
    for one in marked:
        if one not in known and (one.plural or (one.text, one.context) not in singular):
            yield one

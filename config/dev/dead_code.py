"""`python -m config.dev.dead_code`: what nothing but tests uses, found by vulture; part of lint.

Vulture sees names. The ORM, serializers, settings and templates name things in strings and keyword
arguments (`order_by("-fired_at")`, `filter(fired_at__lt=…)`), so words in those count as uses.
What frameworks call by name is in pyproject.toml, with the reason.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import vulture

ROOT = Path(__file__).resolve().parents[2]
CODE = ("config", "accounts", "posts", "spaces", "media_relay", "manage.py")
# Of the settings and the formats nothing is read by us, all by Django.
READ_BY_DJANGO = ("config/settings.py", "config/formats/")
# Declarations of messages: the tables and the types of the page are made of all that stand there.
DECLARATIONS = ("accounts/realtime/messages.py", "spaces/rooms/messages.py")


def main() -> int:
    """Print what is not used; return 1 if there is any."""
    found = list(unused(ROOT))
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


def unused(root: Path) -> Iterator[str]:
    """Yield `path:line kind 'name' is not used` for each, and exceptions that excuse nothing."""
    options = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["vulture"]
    search = vulture.Vulture(ignore_decorators=options["ignore_decorators"])
    code = [str(root / name) for name in CODE if (root / name).exists()]
    search.scavenge(code, exclude=["*/migrations/*"])
    for word in [*words_in_templates(root), *words_in_code(root)]:
        search.used_names.add(word)
    excused = set()
    for item in search.get_unused_code():
        name = Path(item.filename).relative_to(root).as_posix()
        patterns = {one for one in options["ignore_names"] if fnmatchcase(item.name, one)}
        excused |= patterns
        if not patterns and not name.startswith(READ_BY_DJANGO + DECLARATIONS):
            yield f"{name}:{item.first_lineno} {item.typ} '{item.name}' is not used"
    for pattern in options["ignore_names"]:
        if pattern not in excused:
            yield f"pyproject.toml: '{pattern}' of ignore_names excuses nothing"


def words_in_templates(root: Path) -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in (root / "templates").rglob("*.*"))
    return {word for text in texts for word in re.findall(r"\w+", text)}


def words_in_code(root: Path) -> Iterator[str]:
    """Yield the words of keyword arguments and of strings that are names; `a__b` is two words."""
    files = [path for name in CODE for path in (root / name).rglob("*.py")]
    for path in files:
        if "migrations" not in path.parts:
            for text in named_in(ast.parse(path.read_text(encoding="utf-8"))):
                yield from re.split(r"\.|__", text.removeprefix("-"))


def named_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.Constant) and is_name(node.value):
            yield str(node.value)


def is_name(value: object) -> bool:
    """True for `handle`, `-fired_at` (an order), `posts.tasks.sweep_clips`."""
    return isinstance(value, str) and re.fullmatch(r"-?[A-Za-z_][\w.]*", value) is not None


if __name__ == "__main__":
    sys.exit(main())

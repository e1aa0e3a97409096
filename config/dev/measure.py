"""`make measure`: how easy the source is to read, as figures that anyone can take again.

Tests, migrations and vendored files are left out. `--list` names the places behind a figure, so
that they can be worked off; `--root` measures another checkout.
"""

import argparse
import ast
import io
import signal
import sys
import tokenize
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeGuard

PACKAGES = ("config", "accounts", "posts", "spaces", "media_relay")
LEFT_OUT = {"migrations", "vendor", "__pycache__"}
CODE_COLUMNS = 100
TEMPLATE_COLUMNS = 140
MAPPINGS = {"dict", "Mapping", "MutableMapping"}
# The modules that write or read messages: the two sockets, and both ends of the relay's bus.
WIRE = (
    "accounts/consumers/",
    "accounts/realtime/",
    "spaces/consumers/",
    "spaces/protocol",
    "spaces/relay/",
    "spaces/rooms/",
    "media_relay/",
)


@dataclass(frozen=True)
class Source:
    """A file; `name` is its path from the root."""

    name: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def folder(self) -> str:
        """The first two folders of the path."""
        return "/".join(self.name.split("/")[:-1][:2])

    def at(self, line: int, what: object) -> str:
        return f"{self.name}:{line} {what}"


class Module(Source):
    """A Python file."""

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(ast.parse(self.text)))

    @cached_property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        return [
            node for node in self.nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        ]

    @cached_property
    def characters(self) -> list[int]:
        """Characters of each line that is not blank, without its indentation."""
        return [len(line.strip()) for line in self.lines if line.strip()]

    @cached_property
    def comments(self) -> int:
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return sum(token.type == tokenize.COMMENT for token in tokens)

    @cached_property
    def helpers(self) -> list[str]:
        """Private functions and methods that the module names once, outside their own body."""
        everywhere = references(self.nodes)
        return [
            self.at(one.lineno, one.name)
            for one in self.functions
            if one.name.startswith("_")
            and not one.name.startswith("__")
            and everywhere[one.name] - references(ast.walk(one))[one.name] == 1
        ]

    @cached_property
    def annotated_mappings(self) -> list[str]:
        """Annotations like `dict[str, object]`: a mapping from names to anything."""
        parts = (part for note in self.annotations() for part in ast.walk(note))
        return [self.at(part.lineno, ast.unparse(part)) for part in parts if is_untyped(part)]

    @cached_property
    def wire_mappings(self) -> list[str]:
        """The same anywhere, so that an alias or a cast counts, if the module is at a wire."""
        if not self.name.startswith(WIRE):
            return []
        return [self.at(node.lineno, ast.unparse(node)) for node in self.nodes if is_untyped(node)]

    def annotations(self) -> Iterator[ast.expr]:
        for node in self.nodes:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.returns:
                yield node.returns
            elif isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation:
                yield node.annotation


@dataclass(frozen=True)
class Checkout:
    modules: list[Module]
    scripts: list[Source]
    templates: list[Source]

    @property
    def folders(self) -> list[str]:
        return sorted({file.folder for file in [*self.modules, *self.scripts, *self.templates]})

    def only(self, folder: str) -> "Checkout":
        return Checkout(
            [file for file in self.modules if file.folder == folder],
            [file for file in self.scripts if file.folder == folder],
            [file for file in self.templates if file.folder == folder],
        )


@dataclass(frozen=True)
class Measure:
    title: str
    column: str
    goal: str
    of: Callable[[Checkout], str]


def main(arguments: list[str]) -> int:
    asked = parser().parse_args(arguments)
    checkout = read(asked.root)
    if asked.list:
        found = LISTS[asked.list](checkout)
        print_lines(found)
        return 1 if asked.none and found else 0
    if asked.by_package:
        print_lines(by_package(checkout))
    else:
        print_lines(table(checkout))
    return 0


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m config.dev.measure", description=__doc__)
    made.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2])
    made.add_argument("--by-package", action="store_true", help="the figures of each folder")
    made.add_argument("--list", choices=sorted(LISTS), help="the places behind a figure")
    made.add_argument("--none", action="store_true", help="with --list: fail if there is any")
    return made


def read(root: Path) -> Checkout:
    return Checkout(
        [Module(*one) for package in PACKAGES for one in files(root, package, ".py")],
        [Source(*one) for one in files(root, "static/js", ".js")],
        [Source(*one) for one in files(root, "templates", ".html")],
    )


def files(root: Path, folder: str, suffix: str) -> Iterator[tuple[str, str]]:
    for path in sorted((root / folder).rglob(f"*{suffix}")):
        name = path.relative_to(root)
        if not LEFT_OUT.intersection(name.parts):
            yield name.as_posix(), path.read_text(encoding="utf-8")


def table(checkout: Checkout) -> Iterator[str]:
    yield f"{'':58} {'measured':>14}  goal"
    for measure in MEASURES:
        yield f"{measure.title:58} {measure.of(checkout):>14}  {measure.goal}"


def by_package(checkout: Checkout) -> Iterator[str]:
    yield f"{'':30}" + "".join(f"{measure.column:>14}" for measure in MEASURES)
    for folder in checkout.folders:
        part = checkout.only(folder)
        yield f"{folder:30}" + "".join(f"{measure.of(part):>14}" for measure in MEASURES)


def helpers_of_functions(checkout: Checkout) -> str:
    return percent(
        len(helpers(checkout)), sum(len(module.functions) for module in checkout.modules)
    )


def characters_per_line(checkout: Checkout) -> str:
    counts = [count for module in checkout.modules for count in module.characters]
    return f"{sum(counts) / len(counts):.1f}" if counts else "-"


def comments_per_line(checkout: Checkout) -> str:
    lines = sum(len(module.lines) for module in checkout.modules)
    return percent(sum(module.comments for module in checkout.modules), lines)


def long_modules(checkout: Checkout) -> str:
    return long_of(checkout.modules, CODE_COLUMNS)


def long_scripts(checkout: Checkout) -> str:
    return long_of(checkout.scripts, CODE_COLUMNS)


def long_templates(checkout: Checkout) -> str:
    return long_of(checkout.templates, TEMPLATE_COLUMNS)


def number_of(places: Callable[[Checkout], list[str]]) -> Callable[[Checkout], str]:
    return lambda checkout: str(len(places(checkout)))


def long_of(sources: Iterable[Source], columns: int) -> str:
    """Return the share of the lines over `columns`, and the longest of all."""
    lengths = [len(line) for source in sources for line in source.lines]
    share = percent(sum(length > columns for length in lengths), len(lengths))
    return f"{share} · {max(lengths)}" if lengths else "-"


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def helpers(checkout: Checkout) -> list[str]:
    return [found for module in checkout.modules for found in module.helpers]


def long_lines(checkout: Checkout) -> list[str]:
    """Return every line that is too long for its kind, with its length."""
    code = [
        source.at(row, len(line))
        for source in [*checkout.modules, *checkout.scripts]
        for row, line in enumerate(source.lines, 1)
        if len(line) > CODE_COLUMNS
    ]
    return [*code, *long_template_lines(checkout)]


def long_template_lines(checkout: Checkout) -> list[str]:
    return [
        source.at(row, len(line))
        for source in checkout.templates
        for row, line in enumerate(source.lines, 1)
        if len(line) > TEMPLATE_COLUMNS
    ]


def classes(checkout: Checkout) -> list[str]:
    """Return each name of classes in several modules, with its places; `Meta` is Django's."""
    places = defaultdict(list)
    for module in checkout.modules:
        for node in module.nodes:
            if isinstance(node, ast.ClassDef) and node.name != "Meta":
                places[node.name].append(module.at(node.lineno, "").strip())
    modules = {
        name: {place.rpartition(":")[0] for place in found} for name, found in places.items()
    }
    return [
        f"{name}: {', '.join(places[name])}" for name in sorted(places) if len(modules[name]) > 1
    ]


def annotated_mappings(checkout: Checkout) -> list[str]:
    return [found for module in checkout.modules for found in module.annotated_mappings]


def wire_mappings(checkout: Checkout) -> list[str]:
    return [found for module in checkout.modules for found in module.wire_mappings]


def references(nodes: Iterable[ast.AST]) -> Counter[str]:
    """Count the names that are read, called or passed on, as `name` or as `something.name`."""
    found: Counter[str] = Counter()
    for node in nodes:
        if isinstance(node, ast.Name):
            found[node.id] += 1
        elif isinstance(node, ast.Attribute):
            found[node.attr] += 1
    return found


def is_untyped(node: ast.AST) -> TypeGuard[ast.Subscript]:
    """True for `dict[str, object]`, `Mapping[str, Any]` and the like."""
    if not (isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple)):
        return False
    inside = [ast.unparse(part) for part in node.slice.elts]
    return ast.unparse(node.value) in MAPPINGS and inside in (["str", "object"], ["str", "Any"])


def print_lines(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


LISTS: dict[str, Callable[[Checkout], list[str]]] = {
    "helpers": helpers,
    "long": long_lines,
    "templates": long_template_lines,
    "classes": classes,
    "wire": wire_mappings,
    "mappings": annotated_mappings,
}
MEASURES = (
    Measure(
        "private helpers called once, of all functions", "helpers", "≤ 8 %", helpers_of_functions
    ),
    Measure("characters per Python line that is not blank", "characters", "", characters_per_line),
    Measure("Python lines over 100 columns · longest", "Python", "0", long_modules),
    Measure("comments per Python line", "comments", "≥ 4 %", comments_per_line),
    Measure("script lines over 100 columns · longest", "scripts", "≤ 0.5 %", long_scripts),
    Measure("template lines over 140 columns · longest", "templates", "0", long_templates),
    Measure("class names in two or more modules", "classes", "same ideas only", number_of(classes)),
    Measure(
        "annotations of mappings from names to anything",
        "mappings",
        "",
        number_of(annotated_mappings),
    ),
    Measure("the same at the wire, aliases and casts too", "wire", "0", number_of(wire_mappings)),
)

if __name__ == "__main__":
    # Lists are piped into `head`, which reads no further.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main(sys.argv[1:]))

"""The house rules of DESIGN §1 that a machine can hold: who imports whom, where things are, how
long a module gets.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("config", "accounts", "posts", "spaces", "media_relay")
OURS = frozenset({*PACKAGES, "tests"})
LONGEST_MODULE = 350  # CONVENTIONS: near 300 lines a module has two nouns.

TOP_LEVEL = {
    *{"manage.py", "requirements.txt", "config", "accounts", "posts", "spaces", "media_relay"},
    *{"templates", "static", "tests"},
    *{
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
        "Makefile",
        "pyproject.toml",
        "requirements-dev.txt",
        "deploy",
    },
    *{".ci", ".gitignore", ".env.example"},
}
# What a checkout has on a machine where Parley ran; none of it is in the repository.
LEFT_BEHIND = {
    *{
        ".git",
        ".venv",
        "var",
        ".env",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".hypothesis",
        "__pycache__",
    },
    *{"staticfiles", "node_modules"},
}

# Which of our packages each may import besides itself. `config` is the frame: it knows all, and all
# may ask it.
MAY_IMPORT = {
    "config": {"accounts", "posts", "spaces"},
    "accounts": {"config"},
    "posts": {"config", "accounts"},
    "spaces": {"config", "accounts", "posts", "media_relay.protocol"},
    "media_relay": set(),
}
RELAY_LIBRARIES = {"aiortc", "aioice", "pylibsrtp", "_pylibsrtp", "OpenSSL"}
RELAY_LIBRARY_HOMES = tuple(
    f"media_relay/{part}/" for part in ("signalling", "ice", "transport", "rtp", "egress")
)
CODEC_HOMES = ("media_relay/egress/", "posts/media")
PURE_ROOM = (
    "spaces/rooms/rules",
    "spaces/rooms/state",
    "spaces/rooms/commands",
    "spaces/rooms/events",
    "spaces/rooms/wall_clock",
)
ENVIRONMENT_READERS = {
    "config/env.py",
    "config/limits.py",
    "media_relay/config.py",
    "media_relay/egress/config.py",
}
# These only name the settings module, before Django can be loaded at all.
SETTINGS_NAMERS = {
    "manage.py",
    "config/asgi.py",
    "config/celery.py",
    "config/dev/bootstrap/__main__.py",
}


@dataclass(frozen=True)
class Import:
    """One imported module, wherever in the file the statement is."""

    path: str
    line: int
    module: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} imports {self.module}"


@cache
def sources(*tops: str) -> tuple[Path, ...]:
    files = (path for top in tops for path in sorted((ROOT / top).rglob("*.py")))
    return tuple(path for path in files if "__pycache__" not in path.parts)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(*tops: str) -> Iterator[Import]:
    """Every import under the packages, function-level ones too; `from a.b import c` counts as a.b
    and as a.b.c.
    """
    for path in sources(*tops):
        yield from _imports_of(path)


@cache
def _imports_of(path: Path) -> tuple[Import, ...]:
    found: list[Import] = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found += [Import(name_of(path), node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += _names_from(path, node)
    return tuple(found)


def _names_from(path: Path, node: ast.ImportFrom) -> Iterator[Import]:
    base = node.module or ""
    if node.level:  # Relative: resolve it against the package of the file.
        package = path.relative_to(ROOT).parent.parts
        base = ".".join([*package[: len(package) - node.level + 1], *([base] if base else [])])
    for alias in node.names:
        yield Import(name_of(path), node.lineno, f"{base}.{alias.name}")


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


@pytest.mark.parametrize("package", PACKAGES)
def test_it_imports_only_what_the_table_allows(package: str) -> None:
    allowed = {package, *MAY_IMPORT[package]}
    ours = [found for found in imports(package) if found.module.split(".")[0] in OURS]
    wrong = [
        str(found) for found in ours if not any(is_within(found.module, one) for one in allowed)
    ]
    assert wrong == []


def test_it_keeps_the_relays_libraries_in_their_layers() -> None:
    found = [one for one in imports(*PACKAGES) if one.module.split(".")[0] in RELAY_LIBRARIES]
    assert [str(one) for one in found if not one.path.startswith(RELAY_LIBRARY_HOMES)] == []


def test_it_keeps_the_codecs_out_of_the_packet_path() -> None:
    found = [one for one in imports(*PACKAGES) if is_within(one.module, "av")]
    assert [str(one) for one in found if not one.path.startswith(CODEC_HOMES)] == []


def test_it_has_no_django_and_no_database_in_the_relay() -> None:
    found = [
        one
        for one in imports("media_relay")
        if one.module.split(".")[0] in {"django", "channels", "celery"}
    ]
    assert [str(one) for one in found] == []


def test_it_keeps_the_rules_of_the_room_pure() -> None:
    outside = {"django", "channels", "redis", "asyncio", "time", "random", "media_relay"}
    impure = ("spaces.models", "spaces.services", "spaces.relay", "accounts", "posts")
    found = [one for one in imports("spaces/rooms") if one.path.startswith(PURE_ROOM)]
    wrong = [
        one
        for one in found
        if one.module.split(".")[0] in outside or any(is_within(one.module, x) for x in impure)
    ]
    assert [str(one) for one in wrong] == []


def test_it_sends_to_groups_from_one_service_a_socket() -> None:
    """The relay's bus writes the layer's wire format itself, because it has no Django; every other
    way is a leak.
    """
    callers = {
        name_of(path)
        for path in sources(*PACKAGES)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr == "group_send"
    }
    assert callers <= {
        "spaces/rooms/service.py",
        "accounts/realtime/page_hints.py",
        "media_relay/redis/bus.py",
    }


def test_it_reads_the_environment_in_four_places() -> None:
    readers = {
        name_of(path)
        for path in (*sources(*PACKAGES), ROOT / "manage.py")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute)
        and node.attr in {"environ", "getenv"}
        and _is_os(node.value)
    }
    assert readers <= ENVIRONMENT_READERS | SETTINGS_NAMERS


def _is_os(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "os"


def test_it_has_the_top_level_that_the_owner_fixed() -> None:
    found = {path.name for path in ROOT.iterdir()} - LEFT_BEHIND
    assert found - TOP_LEVEL == set()


def test_it_has_no_module_with_two_nouns() -> None:
    lengths = {
        name_of(path): len(path.read_text().splitlines())
        for path in sources(*PACKAGES)
        if not _is_made(path)
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def _is_made(path: Path) -> bool:
    return "migrations" in path.parts


def test_it_has_no_drawer_for_everything() -> None:
    assert [
        name_of(path)
        for path in sources(*PACKAGES)
        if path.stem in {"utils", "helpers", "misc", "common"}
    ] == []


@pytest.mark.parametrize(
    ("tops", "file"), [(PACKAGES, "requirements.txt"), (("tests",), "requirements-dev.txt")]
)
def test_it_pins_what_it_imports(tops: tuple[str, ...], file: str) -> None:
    """A package that is only there because another one needs it goes when that one changes its
    mind.
    """
    named = (
        {found.module.split(".")[0] for found in imports(*tops)}
        - OURS
        - set(sys.stdlib_module_names)
    )
    owners = metadata.packages_distributions()
    pinned = _pins(file) | _pins("requirements.txt")
    assert {
        name for name in named if not {normal(owner) for owner in owners.get(name, [])} & pinned
    } == set()


def _pins(file: str) -> set[str]:
    return {
        normal(name)
        for name in re.findall(
            r"(?m)^([A-Za-z0-9_.-]+)(?:\[[a-z,]+\])?==", (ROOT / file).read_text()
        )
    }


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()  # PEP 503.


def test_it_pins_every_requirement_exactly() -> None:
    for file in ("requirements.txt", "requirements-dev.txt"):
        lines = [line.split("#")[0].strip() for line in (ROOT / file).read_text().splitlines()]
        assert [
            line for line in lines if line and not line.startswith("-r ") and "==" not in line
        ] == []


def test_it_names_no_package_registry() -> None:
    """Where packages come from is the machine's business; a name in a file would send a mirror's
    user elsewhere.
    """
    hosts = re.compile(
        r"py"
        r"pi\.org|python"
        r"hosted\.org|regis"
        r"try\.npmjs|npm"
        r"js\.com|regis"
        r"try\.yarnpkg"
    )
    kinds = {
        ".py",
        ".txt",
        ".toml",
        ".md",
        ".json",
        ".mjs",
        ".js",
        ".html",
        ".yaml",
        ".yml",
        ".service",
        ".conf",
        ".css",
    }
    tops = [ROOT / name for name in TOP_LEVEL if (ROOT / name).exists()]
    files = [
        path
        for top in tops
        for path in (top.rglob("*") if top.is_dir() else [top])
        if path.is_file()
    ]
    texts = [path for path in files if path.suffix in kinds or path.name in {"Makefile", "run"}]
    assert [name_of(path) for path in texts if hosts.search(path.read_text(errors="replace"))] == []


def test_it_makes_every_folder_of_code_a_package() -> None:
    """Without `__init__.py` two tests of one name collide, and mypy and pytest lose the rest
    silently.
    """
    folders = {path.parent for path in sources(*PACKAGES, "tests")}
    assert [
        name_of(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()
    ] == []


def test_it_has_no_test_that_is_shadowed_by_another_of_its_name() -> None:
    assert [
        f"{name_of(path)}: {name}" for path in sources("tests") for name in _twice_in(tree_of(path))
    ] == []


def _twice_in(tree: ast.AST) -> list[str]:
    """Names of tests that a scope defines twice; Python keeps the last one and pytest never sees
    the others.
    """
    twice: list[str] = []
    for scope in [tree, *(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))]:
        names = [node.name for node in ast.iter_child_nodes(scope) if isinstance(node, _FUNCTIONS)]
        twice += {name for name in names if name.startswith("test_") and names.count(name) > 1}
    return twice


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def test_it_names_files_with_tests_so_that_they_are_collected() -> None:
    hidden = [
        name_of(path)
        for path in sources("tests")
        if not path.name.startswith("test_")
        and any(name.startswith("test_") for name in _tests_in(tree_of(path)))
    ]
    assert hidden == []


def test_it_collects_every_test_that_is_written(request: pytest.FixtureRequest) -> None:
    """Only where the whole suite was asked for: then each written test of its half must have become
    an item.
    """
    if request.config.args not in ([str(ROOT)], ["tests"], [str(ROOT / "tests")]):
        pytest.skip("only a part of the tests was asked for")
    if request.config.option.keyword:
        pytest.skip("only tests of some names were asked for")
    collected = {
        (item.path, item.originalname)
        for item in request.session.items
        if isinstance(item, pytest.Function)
    }
    marked = "browser" in request.config.option.markexpr
    written = {
        (path, name)
        for path in sources("tests")
        if path.name.startswith("test_") and not (marked and "browser" in path.parts)
        for name in _tests_in(tree_of(path))
    }
    assert {f"{name_of(path)}::{name}" for path, name in written - collected} == set()


def _tests_in(tree: ast.AST) -> list[str]:
    return [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, _FUNCTIONS) and node.name.startswith("test_")
    ]

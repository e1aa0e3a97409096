"""The Python source as syntax trees, and who imports whom; read by tests that hold rules on it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("config", "accounts", "posts", "spaces", "media_relay")
# What a checkout has on a machine where Parley ran; none of it is in the repository.
LEFT_BEHIND = {
    *(".git", ".venv", "var", ".env", "staticfiles", "node_modules", "__pycache__"),
    *(".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"),
}


@dataclass(frozen=True)
class Import:
    """One imported module or name, wherever in the file the statement is."""

    path: str
    line: int
    module: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} imports {self.module}"


@cache
def all_files() -> tuple[Path, ...]:
    """Return every file of the repository, and nothing that a run of Parley left there."""
    tops = [path for path in sorted(ROOT.iterdir()) if path.name not in LEFT_BEHIND]
    inside = (path for top in tops for path in (sorted(top.rglob("*")) if top.is_dir() else [top]))
    return tuple(path for path in inside if path.is_file() and "__pycache__" not in path.parts)


@cache
def sources(*tops: str) -> tuple[Path, ...]:
    files = (path for top in tops for path in sorted((ROOT / top).rglob("*.py")))
    return tuple(path for path in files if "__pycache__" not in path.parts)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    """Return what Python calls the file: `posts.services` for posts/services/__init__.py."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(*tops: str) -> Iterator[Import]:
    """Every import under the folders, in functions too; `from a.b import c` counts as `a.b.c`."""
    for path in sources(*tops):
        yield from imports_of(path)


@cache
def imports_of(path: Path) -> tuple[Import, ...]:
    found: list[Import] = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found += [Import(name_of(path), node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _base_of(path, node)
            found += [Import(name_of(path), node.lineno, f"{base}.{a.name}") for a in node.names]
    return tuple(found)


def _base_of(path: Path, node: ast.ImportFrom) -> str:
    """Return the absolute module of `from … import`, also of a relative one."""
    if not node.level:
        return node.module or ""
    folder = path.relative_to(ROOT).parent.parts
    return ".".join([*folder[: len(folder) - node.level + 1], *filter(None, [node.module])])


@cache
def import_graph() -> dict[str, frozenset[str]]:
    """Return which of our modules each of our modules imports; migrations are Django's business."""
    files = [path for path in sources(*PACKAGES) if "migrations" not in path.parts]
    modules = {module_of(path): path for path in files}

    def ours(name: str) -> str | None:
        """The module of an imported name, which may be a thing in it."""
        return (
            name
            if name in modules
            else next((parent for parent in [name.rpartition(".")[0]] if parent in modules), None)
        )

    return {
        module: frozenset(
            found for one in imports_of(path) if (found := ours(one.module)) and found != module
        )
        for module, path in modules.items()
    }


def reached_from(module: str) -> set[str]:
    """Return every module that importing `module` loads, by any number of steps."""
    graph, seen, todo = import_graph(), set[str](), [module]
    while todo:
        for found in graph[todo.pop()] - seen:
            seen.add(found)
            todo.append(found)
    return seen


def is_within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == one or module.startswith(f"{one}.") for one in packages)

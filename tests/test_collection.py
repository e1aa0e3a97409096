"""Every test that is written is run."""

import ast
import re

import pytest

from tests.source_tree import ROOT, name_of, sources, tree_of

MOST_FLAKY = 10
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def test_it_has_no_test_that_is_shadowed_by_another_of_its_name() -> None:
    """Python keeps the last one of a name, and pytest never sees the others."""
    twice = []
    for path in sources("tests"):
        for scope in ast.walk(tree_of(path)):
            if isinstance(scope, (ast.Module, ast.ClassDef)):
                names = [node.name for node in scope.body if isinstance(node, FUNCTIONS)]
                found = {one for one in names if one.startswith("test_") and names.count(one) > 1}
                twice += [f"{name_of(path)}: {one}" for one in found]
    assert twice == []


def test_it_names_files_with_tests_so_that_they_are_collected() -> None:
    others = [path for path in sources("tests") if not path.name.startswith("test_")]
    assert [name_of(path) for path in others if written_in(tree_of(path))] == []


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
        for name in written_in(tree_of(path))
    }
    assert {f"{name_of(path)}::{name}" for path, name in written - collected} == set()


def test_it_runs_a_test_again_for_a_reason_only() -> None:
    """A second try hides races, so it is a mark on the few tests that need it, and says why."""
    marks = [
        (f"{name_of(path)}:{node.lineno}", node.keywords)
        for path in sources("tests")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.flaky"
    ]
    assert [place for place, given in marks if not is_reasoned(given)] == []
    assert len(marks) <= MOST_FLAKY


def is_reasoned(given: list[ast.keyword]) -> bool:
    """One further try, and a sentence."""
    values = {one.arg: ast.literal_eval(one.value) for one in given if one.arg}
    return (
        values.get("reruns") == 1 and re.search(r"\w+ .+\.$", values.get("reason", "")) is not None
    )


def test_it_has_no_second_try_for_all() -> None:
    for name in ("Makefile", "pyproject.toml", ".ci/run"):
        assert not re.search(
            r"--reruns|--last-failed|--lf\b|^reruns", (ROOT / name).read_text(), re.M
        )


def written_in(tree: ast.AST) -> list[str]:
    return [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, FUNCTIONS) and node.name.startswith("test_")
    ]

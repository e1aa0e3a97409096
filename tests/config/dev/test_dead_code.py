from pathlib import Path

import pytest

from config.dev import dead_code

OPTIONS = '[tool.vulture]\nignore_decorators = ["@task"]\nignore_names = [{names}]\n'
FEED = """
class Feed:
    def used(self):
        return self.used

    def in_template(self): ...

    def in_order(self): ...

    def in_keyword(self): ...

    def alone(self): ...


@task
def found_by_name(): ...


Feed().used().order_by("-in_order").filter(in_keyword__lt=3)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("posts", "templates"):
        (tmp_path / folder).mkdir()
    (tmp_path / "posts" / "feed.py").write_text(FEED)
    (tmp_path / "templates" / "feed.html").write_text("{{ feed.in_template }}")
    (tmp_path / "pyproject.toml").write_text(OPTIONS.format(names=""))
    return tmp_path


def test_it_finds_what_nothing_uses(root: Path) -> None:
    assert list(dead_code.unused(root)) == [
        "posts/feed.py:12 method 'alone' is not used",
    ]


def test_it_leaves_out_what_has_a_reason(root: Path) -> None:
    (root / "pyproject.toml").write_text(OPTIONS.format(names='"al*"'))
    assert list(dead_code.unused(root)) == []


def test_it_tells_of_a_reason_that_is_over(root: Path) -> None:
    names = '"alone", "gone"'
    (root / "pyproject.toml").write_text(OPTIONS.format(names=names))
    assert list(dead_code.unused(root)) == [
        "pyproject.toml: 'gone' of ignore_names excuses nothing"
    ]

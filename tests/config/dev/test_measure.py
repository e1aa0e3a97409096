from pathlib import Path

import pytest

from config.dev import measure

CALLED_ONCE = """
def shown(values):
    return _once(values), _twice(values), _twice(values)  # Why.


def _once(values: dict[str, object]) -> None:
    _once(values)


def _twice(values):
    \"\"\"# No comment, although it looks like one.\"\"\"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    write(tmp_path, "posts/feed.py", CALLED_ONCE)
    write(tmp_path, "posts/migrations/0001_initial.py", "def _left_out():\n    _left_out\n")
    write(
        tmp_path,
        "spaces/protocol.py",
        "from typing import Any\n\nFields = dict[str, Any]\n\n\nclass Line:\n    pass\n",
    )
    write(tmp_path, "media_relay/line.py", "class Line:\n    class Meta:\n        pass\n")
    write(tmp_path, "static/js/room.js", f"const a = 1;\n// {'x' * 98}\n")
    write(tmp_path, "static/js/vendor/htmx.js", "x" * 500)
    write(tmp_path, "templates/home.html", f"<p>\n{'x' * 141}\n</p>\n<p>\n")
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("figure", "places"),
    [
        ("helpers", ["posts/feed.py:6 _once"]),
        ("long", ["static/js/room.js:2 101", "templates/home.html:2 141"]),
        ("templates", ["templates/home.html:2 141"]),
        ("classes", ["Line: spaces/protocol.py:6, media_relay/line.py:1"]),
        ("mappings", ["posts/feed.py:6 dict[str, object]"]),
        ("wire", ["spaces/protocol.py:3 dict[str, Any]"]),
    ],
)
def test_it_names_the_places_behind_a_figure(
    checkout: Path, capsys: pytest.CaptureFixture[str], figure: str, places: list[str]
) -> None:
    measure.main(["--root", str(checkout), "--list", figure])
    assert capsys.readouterr().out.splitlines() == places


def test_it_fails_if_asked_for_none(checkout: Path) -> None:
    asked = ["--root", str(checkout), "--list", "long"]
    assert (measure.main(asked), measure.main([*asked, "--none"])) == (0, 1)
    for name in ("static/js/room.js", "templates/home.html"):
        (checkout / name).unlink()
    assert measure.main([*asked, "--none"]) == 0


def test_it_shows_each_figure_beside_its_goal(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measure.main(["--root", str(checkout)])
    rows = {
        line[:58].strip(): line[58:74].strip() for line in capsys.readouterr().out.splitlines()[1:]
    }
    assert rows["private helpers called once, of all functions"] == "33.3 %"
    assert rows["comments per Python line"] == "4.8 %"
    assert rows["script lines over 100 columns · longest"] == "50.0 % · 101"
    assert rows["template lines over 140 columns · longest"] == "25.0 % · 141"
    assert rows["class names in two or more modules"] == "1"


def test_it_shows_the_figures_of_each_folder(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measure.main(["--root", str(checkout), "--by-package"])
    folders = [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]]
    assert folders == ["media_relay", "posts", "spaces", "static/js", "templates"]

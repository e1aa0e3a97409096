"""The child process of the worker: what it says is heard, and its bounds hold."""

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from spaces.services import render_process


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module of the test's own that `python -m` finds."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    yield tmp_path / "the_child.py"


def run(path: Path, code: str, timeout_s: float = 20) -> list[float]:
    path.write_text(textwrap.dedent(code))
    heard: list[float] = []
    render_process.run(["the_child", "a", "b"], timeout_s, heard.append)
    return heard


def test_it_hears_progress_and_the_end(module: Path) -> None:
    code = """
        import sys
        assert sys.argv[1:] == ["a", "b"]
        print('{"progress": 0.25, "stage": "sound"}')
        print("a codec talks")
        print("[]")
        print('{"progress": 7}')
        print('{"done": true}')
    """
    assert run(module, code) == [0.25, 1.0]


def test_it_hears_of_a_child_that_works_without_a_word(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever holds the work by a lease renews it then; it goes on when the child is let go on."""
    monkeypatch.setattr(render_process, "BEAT_S", 0.05)
    let_go = module.parent / "let_go"
    module.write_text(f"""
import pathlib, time
print('{{"progress": 0.5}}', flush=True)
while not pathlib.Path({str(let_go)!r}).exists():
    time.sleep(0.02)
print('{{"done": true}}')
""")
    heard: list[float] = []

    def on_progress(share: float) -> None:
        heard.append(share)
        if heard.count(0.5) == 4:
            let_go.touch()

    render_process.run(["the_child"], 60, on_progress)
    assert heard.count(0.5) >= 4


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("""print('{"error": "empty", "text": "x"}'); raise SystemExit(1)""", "empty"),
        ("""print('{"error": "odd"}'); raise SystemExit(1)""", "crashed"),
        ("raise SystemExit(1)", "crashed"),
        ("print('{}')", "crashed"),
        ("import os; os.abort()", "crashed"),
        ("x = bytearray(4 * 1024**3)", "crashed"),
        ("""print('{"done": true}'); raise SystemExit(1)""", "crashed"),
    ],
)
def test_it_says_why_it_failed(code: str, expected: str, module: Path) -> None:
    with pytest.raises(render_process.Failed) as failed:
        run(module, code)
    assert failed.value.code == expected


def test_it_is_ended_when_it_takes_too_long(module: Path) -> None:
    with pytest.raises(render_process.Failed) as failed:
        run(module, "import time; time.sleep(60)", timeout_s=0.5)
    assert failed.value.code == "timeout"


def test_it_is_ended_when_the_work_is_somebody_elses(module: Path, tmp_path: Path) -> None:
    module.write_text(f"""
import pathlib, time
print('{{"progress": 0.1}}', flush=True)
time.sleep(30)
pathlib.Path({str(tmp_path / "written")!r}).touch()
""")

    def lose(share: float) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        render_process.run(["the_child"], 60, lose)
    assert not (tmp_path / "written").exists()


def test_it_runs_the_interpreter_of_the_product(module: Path) -> None:
    assert (
        run(
            module,
            f"""import sys; assert sys.executable == {sys.executable!r}; print('{{"done": 1}}')""",
        )
        == []
    )

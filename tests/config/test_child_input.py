"""A child reads a whole file, and this process reads on where it stood."""

import subprocess
import sys
import tempfile

from config.child_input import from_its_start


def test_it_gives_the_child_all_and_loses_no_place() -> None:
    with tempfile.TemporaryFile() as file:
        file.write(b"the beginning, the rest")
        file.seek(0)
        assert file.read(4) == b"the "
        with from_its_start(file) as stdin:
            child = subprocess.run(
                [sys.executable, "-c", "import sys; sys.stdout.write(sys.stdin.read())"],
                stdin=stdin,
                capture_output=True,
                check=True,
            )
        assert child.stdout == b"the beginning, the rest"
        assert file.read() == b"beginning, the rest"


def test_it_gives_what_has_just_been_written() -> None:
    with tempfile.TemporaryFile() as file:
        file.write(b"not yet on disk")
        with from_its_start(file) as stdin:
            child = subprocess.run(["cat"], stdin=stdin, capture_output=True, check=True)
        assert child.stdout == b"not yet on disk"

"""The long proofs of the Makefile run seldom, and so must not stop working unnoticed."""

import os
import re
import subprocess
import sys

import pytest

from tests.stack.parley import ROOT

DEMO = "tests.demo"  # Bots for a site that runs; without one it only says so.
PROOFS = sorted({*re.findall(r"-m (tests\.[\w.]+)", (ROOT / "Makefile").read_text())} - {DEMO})


@pytest.mark.parametrize("proof", PROOFS)
def test_it_starts_in_a_process_of_its_own(proof: str) -> None:
    """As `make` starts it: without the settings that pytest brings."""
    settings = ("DJANGO_SETTINGS_MODULE", "PARLEY_MODE")
    environ = {name: value for name, value in os.environ.items() if name not in settings}
    command = [sys.executable, "-m", proof, "--help"]
    ended = subprocess.run(
        command, cwd=ROOT, env=environ, check=False, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stderr
    assert f"python -m {proof}" in ended.stdout

"""What Parley asks for from others: pinned, used, and from no registry that a file names."""

import re
import sys
from importlib import metadata

import pytest

from tests.source_tree import PACKAGES, ROOT, all_files, imports, name_of

OURS = {*PACKAGES, "tests"}
DEVELOPMENT = ("tests", "config/dev")
# Pinned although nothing imports it, and why.
NOT_IMPORTED = {
    "aiortc": "Guests of a Space are written with it, the robot of `make demo` first (0002).",
    "argon2-cffi": "Django hashes passwords with it.",
    "django-htmx": "MIDDLEWARE names it.",
    "django-permissions-policy": "MIDDLEWARE names it.",
    "tzdata": "Python's zones, where the system has none.",
}
HOSTS = re.compile(
    r"py" r"pi\.org|python" r"hosted\.org|regis" r"try\.npmjs|npm" r"js\.com|regis" r"try\.yarnpkg"
)


@pytest.mark.parametrize(
    ("tops", "file"), [(PACKAGES, "requirements.txt"), (DEVELOPMENT, "requirements-dev.txt")]
)
def test_it_pins_what_it_imports(tops: tuple[str, ...], file: str) -> None:
    """A package that is only there because another needs it goes when that changes its mind."""
    pinned = pins(file) | pins("requirements.txt")
    assert {name for name, owners in imported(*tops).items() if not owners & pinned} == set()


def test_it_imports_what_it_pins() -> None:
    used = {owner for owners in imported(*PACKAGES).values() for owner in owners}
    assert pins("requirements.txt") - used == set(NOT_IMPORTED)


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_it_pins_every_requirement_exactly(file: str) -> None:
    lines = [line.split("#")[0].strip() for line in (ROOT / file).read_text().splitlines()]
    asked = [line for line in lines if line and not line.startswith("-r ")]
    assert [line for line in asked if "==" not in line] == []


def test_it_names_no_package_registry() -> None:
    """Where packages come from is the machine's business; a name in a file would send a mirror's
    user elsewhere.
    """
    named = [path for path in all_files() if HOSTS.search(path.read_text(errors="replace"))]
    assert [name_of(path) for path in named] == []


def imported(*tops: str) -> dict[str, set[str]]:
    """Return the packages of others that our code imports, each with the projects that own it."""
    at_run_time = tops == PACKAGES
    found = [
        one for one in imports(*tops) if not (at_run_time and one.path.startswith(DEVELOPMENT))
    ]
    names = {one.module.split(".")[0] for one in found} - OURS
    owners = metadata.packages_distributions()
    return {
        name: {normal(owner) for owner in owners.get(name, [])}
        for name in names - set(sys.stdlib_module_names)
    }


def pins(file: str) -> set[str]:
    found = re.findall(r"(?m)^([A-Za-z0-9_.-]+)(?:\[[a-z,]+\])?==", (ROOT / file).read_text())
    return {normal(name) for name in found}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()  # PEP 503.

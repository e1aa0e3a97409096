"""The rules of the layout that a machine can hold: who imports whom, where things are, how long a
module gets.
"""

import ast
from dataclasses import dataclass

import pytest

from tests.source_tree import (
    LEFT_BEHIND,
    PACKAGES,
    ROOT,
    import_graph,
    imports,
    is_within,
    name_of,
    reached_from,
    sources,
    tree_of,
)

LONGEST_MODULE = 350  # Near 300 lines a module has two nouns.
TOP_LEVEL = {
    *("manage.py", "requirements.txt", "config", "accounts", "posts", "spaces", "media_relay"),
    *("templates", "static", "tests", "requirements-dev.txt", "pyproject.toml", "Makefile"),
    *("README.md", "CHANGELOG.md", "LICENSE", "CONTRIBUTING.md", "SECURITY.md"),
    *("deploy", ".ci", ".gitignore", ".env.example"),
}


@dataclass(frozen=True)
class Rule:
    """Files under `inside`, but for those under `spared`, import nothing of `never`, but `only`."""

    why: str
    inside: tuple[str, ...]
    never: tuple[str, ...]
    spared: tuple[str, ...] = ()
    only: tuple[str, ...] = ()


RULES = [
    Rule("The product knows nothing of its tests.", PACKAGES, ("tests",)),
    Rule("Accounts are below posts and Spaces.", ("accounts",), ("posts", "spaces")),
    Rule("Posts are below Spaces.", ("posts",), ("spaces",)),
    Rule(
        "The relay is the business of Spaces.",
        ("config", "accounts", "posts"),
        ("media_relay",),
        spared=("config/dev/wire/",),  # It lists the messages of all wires.
    ),
    Rule(
        "Of the relay Spaces know the messages alone.",
        ("spaces",),
        ("media_relay",),
        only=("media_relay.protocol",),
    ),
    Rule(
        "The relay stands alone: no web, no database.",
        ("media_relay",),
        ("config", "accounts", "posts", "spaces", "django", "channels", "celery"),
    ),
    Rule(
        "The libraries of the wire stay in its layers.",
        PACKAGES,
        ("aiortc", "aioice", "pylibsrtp", "_pylibsrtp", "OpenSSL"),
        spared=tuple(f"media_relay/{part}/" for part in ("signalling", "ice", "transport", "rtp")),
    ),
    Rule(
        "Codecs stay off the packet path.",
        PACKAGES,
        ("av",),
        spared=("media_relay/egress/", "posts/media/"),
    ),
    Rule(
        "The rules of the room are pure.",
        tuple(f"spaces/rooms/{part}" for part in ("rules", "state", "commands", "events")),
        (
            *("django", "channels", "redis", "asyncio", "time", "random", "media_relay"),
            *("accounts", "posts", "spaces.models", "spaces.services", "spaces.relay"),
        ),
    ),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.why)
def test_it_imports_in_the_allowed_directions(rule: Rule) -> None:
    wrong = [
        str(one)
        for one in imports(*PACKAGES)
        if one.path.startswith(tuple(f"{top}/" if top in PACKAGES else top for top in rule.inside))
        and not one.path.startswith(rule.spared or ("nowhere",))
        and is_within(one.module, rule.never)
        and not is_within(one.module, rule.only)
    ]
    assert wrong == []


def test_it_has_no_module_that_imports_itself_through_others() -> None:
    assert [module for module in import_graph() if module in reached_from(module)] == []


def test_it_has_a_lower_and_an_upper_floor_of_config() -> None:
    """What apps stand on knows no app, by no number of steps, or the floors would lean on each
    other.
    """
    apps = ("accounts", "posts", "spaces")
    graph = import_graph()
    below = {
        found
        for module, imported in graph.items()
        if is_within(module, apps)
        for found in imported
        if is_within(found, ("config",))
    }
    upper = {
        module for module in below if any(is_within(one, apps) for one in reached_from(module))
    }
    assert upper == set()


@pytest.mark.parametrize(
    ("names", "owner", "homes"),
    [
        # The relay writes the channel layer's wire format itself, because it has no Django.
        (
            {"group_send"},
            None,
            {
                "spaces/rooms/service.py",
                "accounts/realtime/page_hints.py",
                "media_relay/redis/bus.py",
            },
        ),
        (
            {"environ", "getenv"},
            "os",
            {
                *("config/env.py", "config/limits.py"),
                *("media_relay/config.py", "media_relay/egress/config.py"),
                # These only name the settings module, before Django can be loaded at all.
                *("config/asgi.py", "config/celery.py", "config/dev/bootstrap/__main__.py"),
            },
        ),
    ],
    ids=["groups of sockets", "environment"],
)
def test_it_reaches_outside_from_few_places(
    names: set[str], owner: str | None, homes: set[str]
) -> None:
    found = {
        name_of(path)
        for path in sources(*PACKAGES)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in names
        if owner is None or (isinstance(node.value, ast.Name) and node.value.id == owner)
    }
    assert found <= homes


def test_it_has_the_top_level_that_the_owner_fixed() -> None:
    assert {path.name for path in ROOT.iterdir()} - LEFT_BEHIND - TOP_LEVEL == set()


def test_it_has_no_module_with_two_nouns() -> None:
    files = [path for path in sources(*PACKAGES) if "migrations" not in path.parts]
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in files}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_it_has_no_drawer_for_everything() -> None:
    drawers = {"utils", "helpers", "misc", "common"}
    assert [name_of(path) for path in sources(*PACKAGES) if path.stem in drawers] == []


def test_it_makes_every_folder_of_code_a_package() -> None:
    """Without `__init__.py` two tests of one name collide, and mypy and pytest lose the rest
    silently.
    """
    folders = sorted({path.parent for path in sources(*PACKAGES, "tests")})
    assert [name_of(one) for one in folders if not (one / "__init__.py").exists()] == []

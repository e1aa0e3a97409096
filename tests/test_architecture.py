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
                "media_relay/gone.py",  # Too quick for what the configuration loads.
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


# Django's own column, and the relations that say why it is off.
OF_AWAY = frozenset({"is_active", "account_deletion", "suspensions"})
ASKS_OF_AWAY = {
    "accounts/models/user.py": "It says what away is.",
    "accounts/models/account_deletion.py": "It names the relation.",
    "accounts/models/moderation.py": "It names the relation.",
    "accounts/services/away.py": "It writes it.",
    "accounts/admin.py": "Staff see the column.",
    "accounts/moderation/people_admin.py": "Moderators see it, too.",
    "accounts/services/account_deletion.py": "It asks whether a deletion is due.",
    "accounts/moderation/suspensions.py": "It asks whether a suspension is over.",
    "accounts/views/account_deletion.py": "It asks who takes a deletion back.",
}
ROWS_OF_AWAY = {
    "accounts/services/away.py": "It asks both.",
    "accounts/services/account_deletion.py": "It begins and ends deletions.",
    "accounts/moderation/suspensions.py": "It begins and ends suspensions.",
    "accounts/tasks.py": "It mails when the deletion will be.",
    "accounts/admin.py": "Staff see the list of suspensions.",
    "config/monitoring/metrics.py": "It counts suspensions for staff.",
}


def _names(node: ast.AST) -> set[str]:
    """Return what a node asks of a row or of a query: `x.name`, `name=`, `"path__name"`."""
    if isinstance(node, ast.Attribute):
        return {node.attr}
    if isinstance(node, ast.keyword):
        return set((node.arg or "").split("__"))
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
        return set(node.value.split("__"))
    return set()


def test_it_asks_in_one_way_who_is_away() -> None:
    """`User.is_away` and `not_away`: a rule that is spelled out anywhere else is forgotten when
    there is one more way to be away.
    """
    asks, rows = set(), set()
    for path in sources(*PACKAGES):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(tree_of(path)):
            if not OF_AWAY.isdisjoint(_names(node)):
                asks.add(name_of(path))
            if isinstance(node, ast.Name) and node.id in {"AccountDeletion", "Suspension"}:
                rows.add(name_of(path))
    assert asks - set(ASKS_OF_AWAY) == set()
    assert rows - set(ROWS_OF_AWAY) == set()
    # Nothing is excused that does not ask.
    assert (asks, rows) == (set(ASKS_OF_AWAY), set(ROWS_OF_AWAY))


def test_it_asks_in_one_way_who_is_away_in_templates() -> None:
    pages = (ROOT / "templates").rglob("*.html")
    wrong = [name_of(page) for page in pages if "is_active" in page.read_text()]
    assert wrong == []

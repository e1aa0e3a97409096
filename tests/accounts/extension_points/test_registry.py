"""Everything that rows and pages speak of is declared, completely and once."""

import ast
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from accounts.extension_points import registry
from accounts.extension_points.extension import Extension
from accounts.extension_points.kinds import ThingKind
from accounts.extension_points.profile_tabs import Content, Tab
from accounts.models import User
from accounts.notifications.outbox import NotificationEvent
from posts.page_slots import PageSlots
from tests.accounts.declared import declare, extension, kind

ROOT = Path(__file__).resolve().parents[3]
APPS = ("accounts", "posts", "spaces")


def things_in(path: Path) -> Iterator[str]:
    """Yield the kind of each literal like `("post", post.pk)` in this module."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Tuple) or len(node.elts) != 2:
            continue
        kind, pk = node.elts
        is_pk = isinstance(pk, ast.Attribute) and pk.attr == "pk"
        if is_pk and isinstance(kind, ast.Constant) and isinstance(kind.value, str):
            yield kind.value


def written_kinds() -> set[str]:
    """Return the names of kinds that the code tells people of, as literals."""
    modules = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    return {name for path in modules for name in things_in(path)}


def reported_kinds() -> set[str]:
    """Return the names of kinds that templates offer to report."""
    link = re.compile(r"""accounts:report['"],?\s+['"](\w+)['"]""")
    templates = (ROOT / "templates").rglob("*.html")
    return {name for path in templates for name in link.findall(path.read_text())}


def test_it_describes_every_kind_that_people_are_told_of() -> None:
    told = written_kinds()
    assert {"post", "space", "decision"} <= told, "The search does not find the calls any more."
    described = {one.name for one in registry.kinds() if one.describe}
    assert told - described == set()


def test_it_can_moderate_every_kind_that_pages_offer_to_report() -> None:
    offered = reported_kinds()
    assert {"person", "post", "space"} <= offered, "The search does not find the links any more."
    assert offered - set(registry.reportable_kinds()) == set()


def test_it_has_an_extension_of_every_app_of_ours() -> None:
    ours = [config.label for config in apps.get_app_configs() if config.label in APPS]
    assert [one.app for one in registry.extensions()] == ours


@pytest.mark.parametrize("declaration", [ThingKind, Extension, PageSlots])
def test_it_lets_no_declaration_leave_anything_out(declaration: type) -> None:
    """A default would let a new kind forget the field; without one it is a type error."""
    defaults = [
        field.name
        for field in fields(declaration)
        if field.default is not MISSING or field.default_factory is not MISSING
    ]
    assert defaults == []


def test_it_refuses_to_tell_of_a_kind_that_nobody_declares() -> None:
    with pytest.raises(LookupError, match="'planet'"):
        NotificationEvent("like", None, ("planet", 1))
    with pytest.raises(LookupError, match="'clip'"):
        NotificationEvent("like", None, ("clip", 1))


def test_it_refuses_a_kind_that_is_told_of_but_not_described() -> None:
    with pytest.raises(ImproperlyConfigured, match="planet"):
        kind("planet", compose=lambda delivery: None)


def content(person: User, viewer: User | None, after: str) -> Content:
    raise AssertionError("No profile is drawn here.")


@pytest.mark.parametrize(
    "again",
    [
        extension("posts"),
        extension("planets", kinds=(kind("post"),)),
        extension("planets", kinds=(kind("planet"), kind("planet"))),
        extension("planets", profile_tabs=(Tab("replies", "Replies", 5, content),)),
        extension("planets", unread_counts={"messages": lambda person: 0}),
        extension("planets", page_messages={"typing": lambda person, message: None}),
    ],
)
def test_it_refuses_a_name_that_is_taken(monkeypatch: pytest.MonkeyPatch, again: Extension) -> None:
    monkeypatch.setattr(registry, "_extensions", dict(registry._extensions))
    with pytest.raises(ImproperlyConfigured, match="declares again"):
        registry.register(again)


def test_it_sorts_the_tabs_of_all_apps(monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch, profile_tabs=(Tab("planets", "Planets", 15, content),))
    slugs = [tab.slug for tab in registry.profile_tabs()]
    assert slugs[:3] == ["", "planets", "replies"]

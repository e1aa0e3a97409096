"""Kinds and extensions that only a test declares."""

from typing import Any

import pytest

from accounts.extension_points import registry
from accounts.extension_points.extension import Extension
from accounts.extension_points.kinds import ThingKind


def kind(name: str, **fields: Any) -> ThingKind:  # Any: whichever fields a test is about.
    """Return a kind that has nothing but `fields`."""
    nothing: dict[str, Any] = dict.fromkeys(
        ("describe", "moderation", "compose", "export", "link_cards")
    )
    return ThingKind(name, **(nothing | fields))


def extension(app: str, **fields: Any) -> Extension:
    """Return an extension that has nothing but `fields`."""
    nothing: dict[str, Any] = {
        "kinds": (),
        "profile_tabs": (),
        "unread_counts": {},
        "recent_news": None,
        "page_messages": {},
        "live_rings": None,
        "viewer_rings": None,
        "on_suspended": None,
        "on_accounts_changed": None,
        "on_deletion_asked": None,
        "on_emptying": None,
    }
    return Extension(app, **(nothing | fields))


def declare(monkeypatch: pytest.MonkeyPatch, **fields: Any) -> None:
    """Register an extension of one more app, for this test."""
    monkeypatch.setattr(registry, "_extensions", dict(registry._extensions))
    registry.register(extension("one more", **fields))


def declare_only(monkeypatch: pytest.MonkeyPatch, **fields: Any) -> None:
    """Register an extension in place of all others, for this test."""
    monkeypatch.setattr(registry, "_extensions", {})
    registry.register(extension("alone", **fields))

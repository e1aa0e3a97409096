"""Production's static files: the manifest is complete and our modules import each other by their
new names.
"""

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings

from config.http.static_storage import StaticStorage

STORAGES = {"staticfiles": {"BACKEND": "config.http.static_storage.StaticStorage"}}
FINDERS = [
    "config.http.style_sheet.StyleSheetFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
]
JOINED = ["config.http.joined_scripts.JoinedScriptsFinder", *FINDERS]


@pytest.fixture(scope="module", params=[FINDERS, JOINED], ids=["as written", "joined"])
def collected(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> StaticStorage:
    """Collect our own files; packages' take ten times as long.

    A reference to a missing file makes it fail.
    """
    folder = tmp_path_factory.mktemp("static")
    with override_settings(
        STORAGES=STORAGES, STATICFILES_FINDERS=request.param, STATIC_ROOT=folder
    ):
        call_command("collectstatic", interactive=False, verbosity=0)
        return StaticStorage(location=folder, base_url="/static/")


def text_of(storage: StaticStorage, name: str) -> str:
    return Path(storage.path(storage.stored_name(name))).read_text()


def test_it_names_files_by_their_contents(collected: StaticStorage) -> None:
    assert re.fullmatch(r"css/tokens\.[0-9a-f]{12}\.css", collected.stored_name("css/tokens.css"))


def test_it_rewrites_the_imports_of_our_modules(collected: StaticStorage) -> None:
    main = text_of(collected, "js/room/main.js")
    imported = re.findall(r"from ?[\"'](\.[^\"']+)[\"']", main)
    assert imported
    assert all(re.search(r"\.[0-9a-f]{12}\.js$", name) for name in imported)


def test_it_rewrites_what_a_page_may_load_later(collected: StaticStorage) -> None:
    """Where the scripts are joined, the list of areas is in that of every page."""
    texts = [text_of(collected, name) for name in ("js/areas.js", "js/site.js")]
    loaded = {name for text in texts for name in re.findall(r"import\(\"(\.[^\"]+)\"\)", text)}
    assert len(loaded) >= 5
    assert all(re.search(r"\.[0-9a-f]{12}\.js$", name) for name in loaded)


def test_it_ships_compressed_copies(collected: StaticStorage) -> None:
    name = collected.stored_name("css/site.css")
    assert collected.exists(f"{name}.gz")
    assert collected.exists(f"{name}.br")

"""The joined scripts: all entries, what they share once, and the sources where nothing joins."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from config.env import ROOT
from config.http import joined_scripts
from config.http.joined_scripts import CHUNKS, ENTRIES, JoinedScriptsFinder
from config.templatetags.scripts import imports_of, script

SOURCES = ROOT / "static"


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("django.conf.settings.DATA_DIR", tmp_path)
    return tmp_path


def joined() -> dict[str, str]:
    return {
        name: Path(storage.path(name)).read_text()
        for name, storage in JoinedScriptsFinder().list(None)
    }


def test_every_entry_is_joined_and_is_found_before_its_source() -> None:
    files = joined()
    assert set(ENTRIES) <= set(files)
    assert all(name in ENTRIES or name.startswith(CHUNKS) for name in files)
    found = finders.find("js/site.js")
    assert found and Path(found).read_text() == files["js/site.js"]


def test_a_module_is_in_one_file_only() -> None:
    """Two copies of one would each have a state of their own."""
    texts = joined().values()
    for sentence in ("That did not work", "parley:listening", "MediaRecorder"):
        marked = [text for text in texts if sentence in text]
        assert len(marked) <= 1
    assert sum("server-time" in text for text in texts) == 1


def test_every_page_fetches_two_files_of_ours() -> None:
    """What the areas share with every page is one file: each of them imports shared.js first."""
    files = joined()
    (shared,) = imports_of("js/site.js")
    assert shared.startswith(CHUNKS)
    assert not re.search(r'from"\./', files[shared])
    assert script("js/site.js").count("href") == 1


def test_what_is_loaded_later_are_entries() -> None:
    """So that a page may have the tag of its area as well: a module has one address."""
    for path in re.findall(r'import\("\./([^"]+)"\)', (SOURCES / "js/areas.js").read_text()):
        assert f"js/{path}" in ENTRIES


def test_it_joins_anew_when_a_source_has_changed(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joined_scripts, "SOURCE", tmp_path)
    monkeypatch.setattr(joined_scripts, "ENTRIES", ("js/site.js",))
    source = tmp_path / "js" / "site.js"
    source.parent.mkdir()
    for word in ("before", "afterwards"):
        source.write_text(f'document.title = "{word}";')
        assert word in Path(JoinedScriptsFinder().find("js/site.js")).read_text()


def test_without_the_tool_the_modules_are_served_as_they_are_written(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert JoinedScriptsFinder().find("js/site.js") == []
    assert list(JoinedScriptsFinder().list(None)) == []
    found = finders.find("js/site.js")
    assert found and Path(found) == SOURCES / "js/site.js"


def test_what_cannot_be_joined_is_served_as_it_is_written(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joined_scripts, "SOURCE", tmp_path)
    (tmp_path / "js").mkdir()
    assert JoinedScriptsFinder().find("js/site.js") == []


def test_it_leaves_other_files_to_other_finders() -> None:
    assert JoinedScriptsFinder().find("js/theme.js") == []
    assert JoinedScriptsFinder().find(f"{CHUNKS}none.js") == []

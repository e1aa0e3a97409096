import pytest
from django.core.cache import cache

from accounts.models import User
from accounts.services import avatar_rings
from posts.services import posting
from tests.accounts.declared import declare
from tests.accounts.people import browser_of


@pytest.fixture
def on_stage(monkeypatch: pytest.MonkeyPatch) -> dict[int, str]:
    """Return the rooms of those on stage, by user id; a test puts them in."""
    stage: dict[int, str] = {}
    declare(monkeypatch, live_rings=lambda: dict(stage))
    return stage


def test_it_leads_from_a_face_on_stage_into_the_room(maya: User, on_stage: dict[int, str]) -> None:
    posting.publish(maya, "Come in")
    on_stage[maya.pk] = "/spaces/river/"
    page = browser_of(None).get("/@maya/").content.decode()
    # Head and post.
    assert page.count('href="/spaces/river/" aria-label="Maya Okafor is on stage now, join"') == 2


def test_it_leads_to_the_profile_otherwise(maya: User, on_stage: dict[int, str]) -> None:
    posting.publish(maya, "Quiet")
    assert "avatar--live" not in browser_of(None).get("/@maya/").content.decode()


def test_it_asks_once_for_all_pages_of_some_seconds(maya: User, on_stage: dict[int, str]) -> None:
    on_stage[maya.pk] = "/spaces/river/"
    assert avatar_rings.live_rings() == {maya.pk: "/spaces/river/"}
    on_stage.clear()
    assert avatar_rings.live_rings() == {maya.pk: "/spaces/river/"}
    cache.clear()
    assert avatar_rings.live_rings() == {}

"""What a link to a Space looks like elsewhere: description, picture, feed, sitemap, robots."""

import datetime as dt
import io
import xml.etree.ElementTree as ET

import pytest
from django.utils import timezone
from PIL import Image

from accounts.models import User
from spaces.models import Space
from spaces.services import scheduling, social_image
from spaces.services.scheduling import SpaceDraft
from tests.accounts.people import browser_of
from tests.spaces.town import green_space, live_space


def scheduled(host: User, title: str = "Tea & cake", **fields: object) -> Space:
    draft = SpaceDraft(title, **fields)  # type: ignore[arg-type]  # Tests name what they change.
    return scheduling.schedule(host, draft, timezone.now() + dt.timedelta(days=1))


def picture_of(space: Space) -> Image.Image:
    answer = browser_of(None).get(f"/spaces/{space.public_id}/poster.png")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert "max-age=3600" in answer["Cache-Control"]
    return Image.open(io.BytesIO(answer.content))


@pytest.mark.parametrize("state", ["scheduled", "live", "ended"])
def test_its_page_describes_it_for_other_sites(maya: User, state: str) -> None:
    space = (
        scheduled(maya, topics=["Food"])
        if state == "scheduled"
        else live_space(maya, title="Tea & cake")
    )
    if state == "ended":
        scheduling.end(space, maya)
    page = browser_of(None).get(space.get_absolute_url()).content.decode()
    url = f"http://testserver{space.get_absolute_url()}"
    assert '<meta property="og:title" content="Tea &amp; cake">' in page
    assert (
        f'<meta property="og:url" content="{url}">' in page
        and f'<link rel="canonical" href="{url}">' in page
    )
    assert f'content="{url}poster.png?v=' in page
    assert "Hosted by Maya Okafor (@maya)" in page
    words = {"scheduled": "UTC", "live": "Live now", "ended": "Ended"}
    assert words[state] in page.split('og:description" content="')[1].split('"')[0]


@pytest.mark.parametrize(
    "title",
    ["Tea", "x" * 70, "A rather long title that wants three lines of its own, or more", "茶"],
)
def test_it_draws_a_picture_of_the_size_that_is_asked_for(maya: User, title: str) -> None:
    picture = picture_of(scheduled(maya, title))
    assert picture.size == (1200, 630)
    colours = picture.convert("RGB").getcolors(1_000_000)
    assert colours is not None and len(colours) > 50  # Letters, not an empty panel.


def test_it_draws_once_for_each_state(maya: User, monkeypatch: pytest.MonkeyPatch) -> None:
    space = live_space(maya)
    drawn: list[int] = []
    draw = social_image.draw

    def count_and_draw(one: Space) -> bytes:
        drawn.append(one.pk)
        return draw(one)

    monkeypatch.setattr(social_image, "draw", count_and_draw)
    first = picture_of(space).tobytes()
    picture_of(space)
    scheduling.end(space, maya)
    assert picture_of(space).tobytes() != first
    assert len(drawn) == 2


def test_it_draws_nothing_that_a_visitor_may_not_see(maya: User, budi: User) -> None:
    space = green_space(maya)
    assert browser_of(maya).get(f"/spaces/{space.public_id}/poster.png").status_code == 404
    hidden = scheduled(budi)
    User.objects.filter(pk=budi.pk).update(is_active=False)
    assert browser_of(None).get(f"/spaces/{hidden.public_id}/poster.png").status_code == 404


def test_it_feeds_readers_with_what_a_host_announced(maya: User) -> None:
    space = scheduled(maya, topics=["Food"])
    scheduled(maya, "Members only", visitors_allowed=False)
    answer = browser_of(None).get("/spaces/of/maya/feed.xml")
    assert answer["Content-Type"].startswith("application/rss+xml")
    (item,) = ET.fromstring(answer.content).iter("item")
    assert item.findtext("title") == "Tea & cake"
    assert item.findtext("link") == f"http://testserver{space.get_absolute_url()}"
    assert "Food" in str(item.findtext("description"))
    assert browser_of(None).get("/spaces/of/nobody/feed.xml").status_code == 404


def test_the_sitemap_lists_what_visitors_can_open(maya: User, budi: User, noor: User) -> None:
    shown = [scheduled(maya), live_space(budi)]
    hidden = [green_space(noor), scheduled(maya, "Members", visitors_allowed=False)]
    ended = live_space(noor)
    scheduling.end(ended, noor)
    body = browser_of(None).get("/sitemap.xml").content.decode()
    for space in shown:
        assert f"http://testserver{space.get_absolute_url()}" in body
    for space in (*hidden, ended):
        assert space.public_id not in body


def test_robots_are_told_where_to_go_and_where_not(db: None) -> None:
    body = browser_of(None).get("/robots.txt").content.decode()
    assert "Sitemap: http://testserver/sitemap.xml" in body
    for path in ("/api/", "/messages/", "/spaces/calendar/$"):
        assert f"Disallow: {path}\n" in body

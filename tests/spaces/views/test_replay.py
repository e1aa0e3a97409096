"""The replay's page and what the host may do there, the podcast, the clips' pages."""

import io
import json
import xml.etree.ElementTree as ET

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image

from accounts.models import User
from posts.models import Post
from spaces.models import Clip, Recording, Space, TranscriptLine
from spaces.rooms import commands, service
from spaces.rooms.actor import Actor
from tests.accounts.people import let_in
from tests.spaces import archive
from tests.spaces.town import live_space, person

pytestmark = pytest.mark.django_db(transaction=True)
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"


@pytest.fixture
def host() -> User:
    return person("ayu")


def browser_of(user: User | None) -> Client:
    client = Client()
    if user is not None:
        let_in(client, user)
    return client


def page_of(space: Space, viewer: User | None) -> str:
    answer = browser_of(viewer).get(space.get_absolute_url())
    assert answer.status_code == 200
    return answer.content.decode()


# --- the page -------------------------------------------------------------------------------------


def test_it_shows_the_player_with_captions_chapters_and_pins(host: User) -> None:
    post = Post.objects.create(author=host, text="the map of the river")
    recording = archive.replay(host, [(host.pk, 0, 2_000, "hello <b>there</b>")])
    Recording.objects.update(
        pins=[{"at_ms": 4_000, "post": post.pk}],
        chapters=[{"start_ms": 65_000, "end_ms": 9, "user": 1, "name": "Ayu"}],
    )
    page = page_of(recording.space, None)
    assert "hello &lt;b&gt;there&lt;/b&gt;" in page and "the map of the river" in page
    assert "captions.vtt?until=" in page and '<span class="num chapters__time">1:05</span>' in page
    assert 'data-replay="tools"' not in page and 'data-replay="clip"' not in page, (
        "Not for visitors."
    )


def test_it_hides_a_pinned_post_that_is_gone(host: User) -> None:
    recording = archive.replay(host)
    Recording.objects.update(pins=[{"at_ms": 4_000, "post": 12345}])
    assert 'data-replay="pinned"' not in page_of(recording.space, host)


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("waiting", "being prepared"),
        ("rendering", "being prepared"),
        ("failed", "could not be prepared"),
    ],
)
def test_it_says_how_far_it_is(state: str, says: str, host: User) -> None:
    recording = archive.waiting(host, state=state, progress=42)
    for viewer in (host, None):
        page = page_of(recording.space, viewer)
        assert (
            says in page
            and ("42" in page or state == "failed")
            and 'data-replay="video"' not in page
        )
    fragment = browser_of(None).get(f"{recording.space.get_absolute_url()}replay/progress/")
    assert fragment.status_code == 200 and ("hx-get" in fragment.content.decode()) is (
        state != "failed"
    )


def test_it_goes_to_the_player_when_it_is_ready(host: User) -> None:
    recording = archive.replay(host)
    answer = browser_of(host).get(f"{recording.space.get_absolute_url()}replay/progress/")
    assert json.loads(answer["HX-Trigger"]) == {
        "visit": {"path": recording.space.get_absolute_url()}
    }


@pytest.mark.parametrize("state", ["running", "deleted"])
def test_it_is_the_plain_end_without_a_replay(state: str, host: User) -> None:
    recording = archive.replay(host)
    Recording.objects.update(state=state)
    assert 'data-room="over"' in page_of(recording.space, host)
    for path in ("replay/progress/", "replay/addresses/", "replay/audio.m4a"):
        assert browser_of(host).get(recording.space.get_absolute_url() + path).status_code == 404


def test_it_gives_a_player_new_addresses(host: User) -> None:
    recording = archive.replay(host)
    fresh = browser_of(None).get(f"{recording.space.get_absolute_url()}replay/addresses/").json()
    assert browser_of(None).get(fresh["video"]).status_code == 200
    assert sorted(fresh) == ["captions", "poster", "video"]


# --- the host's -----------------------------------------------------------------------------------


def test_it_lets_the_host_move_the_beginning(host: User) -> None:
    recording = archive.replay(host, from_ms=5_000)
    url = f"{recording.space.get_absolute_url()}replay/start/"
    browser_of(host).post(url, {"from_ms": "8000"})
    recording.refresh_from_db()
    assert (recording.state, recording.from_ms) == ("waiting", 13_000), (
        "It counts from where the replay began."
    )
    Recording.objects.update(state="ready")
    browser_of(host).post(url, {"from_ms": "8000", "whole": "1"})
    recording.refresh_from_db()
    assert recording.from_ms == 0


@pytest.mark.parametrize("value", ["", "x", "-1", "99999999999", "60000", "1.5"])
def test_it_refuses_a_beginning_that_is_none(value: str, host: User) -> None:
    recording = archive.replay(host)
    answer = browser_of(host).post(
        f"{recording.space.get_absolute_url()}replay/start/", {"from_ms": value}, follow=True
    )
    recording.refresh_from_db()
    assert recording.state == "ready" and answer.status_code == 200


PATHS = ("replay/start/", "replay/retry/", "replay/delete/", "replay/clips/")


@pytest.mark.parametrize("path", PATHS[:3])
def test_it_refuses_strangers_and_visitors(path: str, host: User) -> None:
    recording = archive.replay(host)
    url = recording.space.get_absolute_url() + path
    assert browser_of(person("budi")).post(url, {"from_ms": "1000"}).status_code == 403
    assert browser_of(None).post(url)["Location"].startswith("/account/login/")
    recording.refresh_from_db()
    assert recording.state == "ready"


@pytest.mark.parametrize("path", (PATHS[0], PATHS[1], PATHS[3]))
def test_it_changes_nothing_by_get(path: str, host: User) -> None:
    recording = archive.replay(host)
    assert browser_of(host).get(recording.space.get_absolute_url() + path).status_code == 405


def test_it_asks_before_it_deletes(host: User) -> None:
    recording = archive.replay(host)
    url = f"{recording.space.get_absolute_url()}replay/delete/"
    assert "cannot be undone" in browser_of(host).get(url).content.decode()
    assert browser_of(host).post(url)["Location"] == recording.space.get_absolute_url()
    recording.refresh_from_db()
    assert recording.state == "deleted" and 'data-room="over"' in page_of(recording.space, None)


def test_it_tries_again_for_the_host(host: User) -> None:
    recording = archive.waiting(host, state="failed", failure="crashed", attempts=3)
    browser_of(host).post(f"{recording.space.get_absolute_url()}replay/retry/")
    recording.refresh_from_db()
    assert (recording.state, recording.attempts, recording.failure) == ("waiting", 0, "")


def test_it_corrects_a_line_in_its_place(host: User) -> None:
    recording = archive.replay(host, [(host.pk, 0, 1_000, "wreck a nice beach")])
    line = TranscriptLine.objects.get()
    url = f"{recording.space.get_absolute_url()}transcript/{line.pk}/"
    form = browser_of(host).get(url).content.decode()
    assert "<textarea" in form and "wreck a nice beach" in form
    assert browser_of(person("dewi")).get(url).status_code == 403
    answer = browser_of(host).post(url, {"text": "recognise <speech>"})
    assert answer.status_code == 200 and "recognise &lt;speech&gt;" in answer.content.decode()
    refused = browser_of(host).post(url, {"text": " "})
    assert refused.status_code == 422 and "1 to 500 characters" in refused.content.decode()
    assert browser_of(person("budi")).post(url, {"text": "mine"}).status_code == 403
    assert (
        browser_of(host).post(url.replace(f"/{line.pk}/", "/999999/"), {"text": "x"}).status_code
        == 404
    )
    other = archive.replay(person("citra")).space
    assert (
        browser_of(host)
        .post(f"{other.get_absolute_url()}transcript/{line.pk}/", {"text": "x"})
        .status_code
        == 404
    )


# --- clips ----------------------------------------------------------------------------------------


def test_it_cuts_a_clip_and_leads_to_it(host: User) -> None:
    recording, budi = archive.replay(host), person("budi")
    url = f"{recording.space.get_absolute_url()}replay/clips/"
    answer = browser_of(budi).post(url, {"from_ms": "1000", "to_ms": "9000", "title": "best"})
    clip = Clip.objects.get()
    assert (answer["Location"], clip.by, clip.title) == (clip.get_absolute_url(), budi, "best")
    page = browser_of(None).get(clip.get_absolute_url()).content.decode()
    assert "is being cut" in page and "hx-get" in page
    Clip.objects.update(state="ready")
    page = browser_of(budi).get(clip.get_absolute_url()).content.decode()
    assert (
        "clip.mp4?until=" in page
        and f"text=http%3A%2F%2Ftestserver%2Fspaces%2Fclips%2F{clip.public_id}" in page
    )


@pytest.mark.parametrize(
    "edges", [("", ""), ("0", "31000"), ("5000", "5500"), ("x", "9000"), ("9" * 12, "9")]
)
def test_it_refuses_other_clips(edges: tuple[str, str], host: User) -> None:
    recording = archive.replay(host)
    url = f"{recording.space.get_absolute_url()}replay/clips/"
    answer = browser_of(host).post(url, {"from_ms": edges[0], "to_ms": edges[1]}, follow=True)
    assert (
        not Clip.objects.exists() and "A clip is 1 to 30 seconds long." in answer.content.decode()
    )


def test_it_cuts_nothing_for_visitors_and_who_may_not_watch(host: User) -> None:
    recording = archive.replay(host)
    url, edges = (
        f"{recording.space.get_absolute_url()}replay/clips/",
        {"from_ms": "0", "to_ms": "9000"},
    )
    assert browser_of(None).post(url, edges)["Location"].startswith("/account/login/")
    Space.objects.update(locked=True)
    assert browser_of(person("budi")).post(url, edges).status_code == 404
    assert not Clip.objects.exists()


def test_it_limits_clips(host: User) -> None:
    recording, client = archive.replay(host), browser_of(host)
    url = f"{recording.space.get_absolute_url()}replay/clips/"
    answers = [client.post(url, {"from_ms": "0", "to_ms": "9000"}).status_code for _ in range(21)]
    assert (answers.count(302), answers[-1]) == (20, 429)


def test_it_deletes_clips_for_who_may(host: User) -> None:
    clip = archive.clip(archive.replay(host), host)
    url = f"{clip.get_absolute_url()}delete/"
    assert browser_of(person("budi")).post(url).status_code == 403
    assert browser_of(host).get(url).status_code == 405
    assert browser_of(host).post(url).status_code == 302 and not Clip.objects.exists()


# --- the podcast ----------------------------------------------------------------------------------


def feed_of(host: User) -> ET.Element:
    answer = Client().get(f"/spaces/of/{host.handle}/podcast.xml")
    assert (answer.status_code, answer["Content-Type"]) == (
        200,
        "application/rss+xml; charset=utf-8",
    )
    channel = ET.fromstring(answer.content).find("channel")
    assert channel is not None
    return channel


def test_it_is_a_podcast_with_an_episode_a_public_replay(host: User) -> None:
    recording = archive.replay(host)
    channel = feed_of(host)
    [item] = channel.findall("item")
    enclosure = item.find("enclosure")
    assert enclosure is not None
    assert (enclosure.get("type"), enclosure.get("length")) == ("audio/mp4", "0")
    assert item.findtext("guid") == f"http://testserver{recording.space.get_absolute_url()}"
    assert item.findtext(f"{ITUNES}duration") == "60" and channel.find(f"{ITUNES}image") is not None
    path = str(enclosure.get("url")).removeprefix("http://testserver")
    answer = Client().get(path, follow=True)
    assert (answer.status_code, answer["Content-Type"], answer.content) == (
        200,
        "audio/mp4",
        archive.VIDEO,
    )


@pytest.mark.parametrize(("language", "asked"), [("id", "en"), ("", "id"), ("en", "id")])
def test_the_podcast_is_in_the_language_of_its_host(language: str, asked: str, host: User) -> None:
    User.objects.update(language=language)
    archive.replay(host)
    answer = Client(headers={"accept-language": asked}).get("/spaces/of/ayu/podcast.xml")
    channel = ET.fromstring(answer.content).find("channel")
    assert channel is not None and channel.findtext("language") == (language or "en")
    assert (channel.findtext("title") == "ayu's Spaces") is (language != "id")


def test_the_podcast_names_whom_directories_may_write_to_without_the_hosts_address(
    host: User,
) -> None:
    owner = feed_of(host).find(f"{ITUNES}owner")
    assert owner is not None and owner.findtext(f"{ITUNES}name") == host.name
    assert owner.findtext(f"{ITUNES}email") == "parley@localhost"
    assert host.email not in Client().get("/spaces/of/ayu/podcast.xml").content.decode()


@pytest.mark.parametrize("has_picture", [True, False])
def test_the_podcasts_picture_is_what_directories_take(has_picture: bool, host: User) -> None:
    if has_picture:
        out = io.BytesIO()
        Image.new("RGB", (400, 400), "red").save(out, "WEBP")
        host.avatar.save("ayu.webp", ContentFile(out.getvalue()))
    image = feed_of(host).find(f"{ITUNES}image")
    assert image is not None
    address = str(image.get("href"))
    answer = Client().get(address.removeprefix("http://testserver"))
    assert answer["Content-Type"] == "image/jpeg"
    picture = Image.open(io.BytesIO(answer.content))
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (1400, 1400))
    red, green, _blue = picture.crop((700, 500, 701, 501)).tobytes()
    assert (red > 200 and green < 60) is has_picture
    host.display_name = "Another"
    host.save()
    assert address != feed_of(host).find(f"{ITUNES}image").get("href")  # type: ignore[union-attr]  # It is there.


@pytest.mark.parametrize("fields", [{"visitors_allowed": False}, {"locked": True}])
def test_it_leaves_out_what_visitors_may_not_hear(fields: dict[str, bool], host: User) -> None:
    recording = archive.replay(host)
    Space.objects.update(**fields)
    assert feed_of(host).findall("item") == []
    assert Client().get(f"{recording.space.get_absolute_url()}replay/audio.m4a").status_code == 404


def test_it_has_no_feed_of_who_is_gone_or_nobody(host: User) -> None:
    User.objects.update(is_active=False)
    assert Client().get("/spaces/of/ayu/podcast.xml").status_code == 404
    assert Client().get("/spaces/of/nobody/podcast.xml").status_code == 404


# --- chosen when it is opened, found when it is over ----------------------------------------------


@pytest.mark.parametrize("chosen", [True, False])
def test_it_is_recorded_and_written_down_where_the_host_chose_that(
    chosen: bool, host: User
) -> None:
    fields = {"title": "Tea", "speak_rule": "invited", "language": "en", "when": "now"}
    switches = {"recording_wanted": "on", "transcript_wanted": "on"} if chosen else {}
    browser_of(host).post("/spaces/new/", {**fields, **switches})
    space = Space.objects.get()
    assert (space.recording_wanted, space.transcript_wanted, space.is_recording) == (
        chosen,
        chosen,
        False,
    )
    service.execute(space.public_id, Actor(host.pk), commands.StartSpace())
    space.refresh_from_db()
    assert space.is_recording is chosen and Recording.objects.exists() is chosen


def test_it_shows_rec_on_the_card(host: User) -> None:
    space = live_space(host)
    card = f"{space.get_absolute_url()}card/"
    assert "badge--rec" not in browser_of(None).get(card).content.decode()
    service.execute(space.public_id, Actor(host.pk), commands.StartRecording())
    assert "badge--rec" in browser_of(None).get(card).content.decode()


def test_it_leads_from_the_card_to_the_replay_for_who_may_watch(host: User) -> None:
    recording = archive.replay(host)
    card = f"{recording.space.get_absolute_url()}card/"
    assert "Replay" in browser_of(None).get(card).content.decode()
    Space.objects.update(visitors_allowed=False)
    assert "Replay" not in browser_of(None).get(card).content.decode()
    assert "Replay" in browser_of(person("budi")).get(card).content.decode()


def test_it_finds_a_space_by_what_was_said(host: User) -> None:
    recording = archive.replay(host, [(host.pk, 61_000, 62_000, "the volcano feeds the soil")])
    page = browser_of(None).get("/spaces/?q=volcano").content.decode()
    assert "Said in Spaces" in page and f"{recording.space.get_absolute_url()}?t=61" in page
    assert "Said in Spaces" not in browser_of(None).get("/spaces/?q=glacier").content.decode()

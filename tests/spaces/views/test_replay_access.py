"""Who may watch: replay, clip and caption files for the nine kinds of viewer.

And what expired and forged addresses open, which is nothing.
"""

import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services import relationships
from spaces.models import Clip, Recording, Space
from spaces.services import listings, signed_urls
from tests.accounts.people import let_in
from tests.spaces import archive
from tests.spaces.town import person

pytestmark = pytest.mark.django_db

KINDS = (
    *("visitor", "stranger", "follower", "host", "blocked by the host", "blocker of the host"),
    *("non-follower of a protected host", "suspended", "staff"),
)
# Suspended: like a visitor.
MAY_WATCH = {"visitor", "stranger", "follower", "host", "staff", "suspended"}


class Evening:
    """A host, a replay with captions and a clip, and somebody of each kind."""

    def __init__(self, kind: str) -> None:
        self.host = person("ayu")
        self.viewer = self._viewer(kind)
        self.recording = archive.replay(self.host, [(self.host.pk, 0, 2_000, "hello there")])
        self.clip = archive.clip(self.recording, self.host)
        if kind == "non-follower of a protected host":
            User.objects.filter(pk=self.host.pk).update(is_protected=True)
        self.client = Client()
        if self.viewer is not None:
            let_in(self.client, self.viewer)
        if kind == "suspended" and self.viewer is not None:
            User.objects.filter(pk=self.viewer.pk).update(is_active=False)
        self.signed_for = None if kind in ("visitor", "suspended") else self.viewer

    def _viewer(self, kind: str) -> User | None:
        if kind == "visitor":
            return None
        if kind == "host":
            return self.host
        viewer = person("budi", is_staff=kind == "staff")
        if kind == "follower":
            relationships.follow(viewer, self.host)
        if kind == "blocked by the host":
            relationships.block(self.host, viewer)
        if kind == "blocker of the host":
            relationships.block(viewer, self.host)
        return viewer

    def addresses(self) -> dict[str, str]:
        names = ("replay.mp4", "audio.m4a", "poster.jpg", "captions.vtt")
        found = {
            name: signed_urls.replay_url(self.recording, name, self.signed_for) for name in names
        }
        for name in ("clip.mp4", "clip.jpg"):
            found[name] = signed_urls.clip_url(self.clip, name, self.signed_for)
        return found


@pytest.mark.parametrize("kind", KINDS)
def test_it_gives_files_to_those_alone_who_may_watch(kind: str) -> None:
    evening = Evening(kind)
    expected = 200 if kind in MAY_WATCH else 404
    for name, address in evening.addresses().items():
        assert evening.client.get(address).status_code == expected, name


@pytest.mark.parametrize("kind", KINDS)
def test_it_shows_the_page_to_those_alone(kind: str) -> None:
    evening = Evening(kind)
    page = evening.client.get(evening.recording.space.get_absolute_url())
    has_player = 'data-replay="video"' in page.content.decode()
    assert has_player is (kind in MAY_WATCH)
    assert evening.client.get(evening.clip.get_absolute_url()).status_code == (
        200 if kind in MAY_WATCH else 404
    )


@pytest.mark.parametrize("kind", KINDS)
def test_it_finds_rows_by_the_same_rule(kind: str) -> None:
    evening = Evening(kind)
    viewer = evening.signed_for
    assert Recording.objects.visible_to(viewer).exists() is (kind in MAY_WATCH)
    assert Clip.objects.visible_to(viewer).exists() is (kind in MAY_WATCH)
    assert listings.replays_for(viewer).exists() is (kind in MAY_WATCH)


@pytest.mark.parametrize(
    ("column", "who", "may"),
    [
        ({"visitors_allowed": False}, "visitor", False),
        ({"visitors_allowed": False}, "stranger", True),
        ({"locked": True}, "visitor", False),
        ({"locked": True}, "stranger", False),
        ({"locked": True}, "follower", False),
        ({"locked": True}, "host", True),
        ({"locked": True}, "staff", True),
    ],
)
def test_it_keeps_what_the_host_closed_closed(column: dict[str, bool], who: str, may: bool) -> None:
    evening = Evening(who)
    Space.objects.filter(pk=evening.recording.space_id).update(**column)
    assert (evening.client.get(evening.addresses()["replay.mp4"]).status_code == 200) is may


def test_it_lets_those_who_were_in_a_locked_room_watch_it() -> None:
    evening = Evening("stranger")
    Space.objects.filter(pk=evening.recording.space_id).update(locked=True)
    assert evening.viewer is not None
    archive.came(evening.recording.space, evening.viewer)
    assert evening.client.get(evening.addresses()["replay.mp4"]).status_code == 200


def test_it_shuts_out_who_was_removed_from_the_room() -> None:
    evening = Evening("stranger")
    assert evening.viewer is not None
    evening.recording.space.bans.create(user=evening.viewer)
    assert evening.client.get(evening.addresses()["replay.mp4"]).status_code == 404


# --- addresses ------------------------------------------------------------------------------------


def changed(address: str, **values: str) -> str:
    parts = urlsplit(address)
    query = {**dict(parse_qsl(parts.query)), **values}
    return f"{parts.path}?{urlencode(query)}"


def test_it_refuses_an_address_that_has_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    evening = Evening("stranger")
    old = evening.addresses()
    late = timezone.now() + timedelta(seconds=signed_urls.LIFETIME_S)
    monkeypatch.setattr("spaces.views.replay.timezone.now", lambda: late)
    for name, address in old.items():
        assert evening.client.get(address).status_code == 403, name


def test_it_refuses_forged_addresses() -> None:
    evening = Evening("stranger")
    for name, address in evening.addresses().items():
        until = dict(parse_qsl(urlsplit(address).query))["until"]
        forged = [
            urlsplit(address).path,
            changed(address, until=str(int(until) + 1)),
            changed(address, until="99999999999999"),
            changed(address, until="-5"),
            changed(address, until="٣"),
            changed(address, sign=""),
            changed(address, sign="é"),
            changed(address, sign="A" * 43),
            changed(address, **{"for": "0"}),
        ]
        for wrong in forged:
            assert evening.client.get(wrong).status_code == 403, (name, wrong)


def test_it_refuses_one_files_address_for_another() -> None:
    evening = Evening("stranger")
    address = evening.addresses()["captions.vtt"]
    assert evening.client.get(address.replace("captions.vtt", "replay.mp4")).status_code == 403


def test_it_refuses_an_address_that_was_made_for_somebody_else() -> None:
    evening = Evening("stranger")
    theirs = signed_urls.replay_url(evening.recording, "replay.mp4", evening.host)
    assert evening.client.get(theirs).status_code == 403
    assert Client().get(evening.addresses()["replay.mp4"]).status_code == 403


def test_it_refuses_good_addresses_of_what_is_not_there() -> None:
    evening = Evening("host")
    for name in ("replay.json", "people.json", "secret_key", "captions.vtt.bak"):
        assert (
            evening.client.get(
                signed_urls.replay_url(evening.recording, name, evening.host)
            ).status_code
            == 404
        )
    evening.recording.version = 2
    assert (
        evening.client.get(
            signed_urls.replay_url(evening.recording, "replay.mp4", evening.host)
        ).status_code
        == 404
    )


def test_it_says_no_to_every_other_method() -> None:
    evening = Evening("host")
    assert evening.client.post(evening.addresses()["replay.mp4"]).status_code == 405


def test_it_sends_a_part_for_a_range() -> None:
    evening = Evening("visitor")
    answer = evening.client.get(evening.addresses()["replay.mp4"], headers={"range": "bytes=10-19"})
    assert (answer.status_code, answer.content) == (206, archive.VIDEO[10:20])
    assert answer["Content-Range"] == f"bytes 10-19/{len(archive.VIDEO)}"


def test_it_hands_files_to_the_web_server_in_front(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ACCEL_REDIRECT", "/protected-media/")
    evening = Evening("visitor")
    answer = evening.client.get(evening.addresses()["replay.mp4"])
    assert (
        answer["X-Accel-Redirect"] == f"/protected-media/{evening.recording.media_name}/replay.mp4"
    )
    assert (answer.content, answer["Content-Type"]) == (b"", "video/mp4")
    bare = urlsplit(evening.addresses()["replay.mp4"]).path
    refused = evening.client.get(bare)
    assert refused.status_code == 403 and "X-Accel-Redirect" not in refused


def test_it_gives_no_file_of_the_folder_a_public_address() -> None:
    evening = Evening("host")
    for path in (
        f"/media/{evening.recording.media_name}/replay.mp4",
        f"/media/replays/{evening.recording.folder}",
    ):
        assert evening.client.get(path).status_code == 404


def test_it_lets_the_host_alone_download() -> None:
    host, stranger = Evening("host"), Client()
    answer = host.client.get(host.addresses()["replay.mp4"] + "&download")
    assert re.fullmatch(r"attachment; filename\*=UTF-8''tea\.mp4", answer["Content-Disposition"])
    stranger.force_login(person("citra"))
    address = signed_urls.replay_url(host.recording, "replay.mp4", None)
    assert stranger.get(address).status_code == 200
    assert stranger.get(address + "&download").status_code == 403

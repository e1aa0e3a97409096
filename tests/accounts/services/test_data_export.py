"""A copy of one's data: everything of oneself, nothing of others, for its owner alone and not for
ever.
"""

import json
import os
import shutil
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from accounts import tasks
from accounts.extension_points.data_export import Export, Rows
from accounts.models import DataExport, User
from accounts.services import data_export
from posts.models import Fleet
from posts.services import fleets, messaging, posting
from posts.services.posting import Picture
from tests.accounts.declared import declare_only, kind
from tests.accounts.fresh import freshly
from tests.accounts.people import browser_of, make_follow
from tests.accounts.queue import keep_tasks
from tests.posts.services.test_fleets import webp

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    shutil.rmtree(Path(settings.DATA_DIR) / "exports", ignore_errors=True)  # Of the test before.
    """Whom a worker is to make a copy for; nothing is sent to a queue."""
    return keep_tasks(monkeypatch, tasks.make_export)


def made_for(person: User) -> Path:
    export = data_export.ask(person)
    assert data_export.run(export.pk)
    path = data_export.open_for(person, data_export.link_key(export))
    assert path
    return path


def test_it_holds_what_the_person_wrote_and_showed(maya: User, budi: User) -> None:
    make_follow(maya, budi)
    post = posting.publish(maya, "Grüße 👋", images=[Picture(webp())])
    posting.publish(budi, "Not in it")
    fleet = fleets.publish(maya, "", Picture(webp()), Fleet.Audience.FOLLOWERS)
    messaging.send(maya, budi, "A letter")
    with zipfile.ZipFile(made_for(maya)) as copy:
        assert copy.testzip() is None
        read = {name: copy.read(name) for name in copy.namelist()}
    assert [row["text"] for row in json.loads(read["posts/posts.json"])] == ["Grüße 👋"]
    assert json.loads(read["account/profile.json"])[0]["email"] == "maya@people.example"
    assert json.loads(read["account/following.json"])[0]["followed__handle"] == "budi"
    assert json.loads(read["messages/messages.json"])[0]["text"] == "A letter"
    assert read[f"posts/pictures/{post.pk}-1.webp"] == webp()
    assert read[f"fleets/pictures/{fleet.pk}.webp"] == webp()
    assert b"Not in it" not in b"".join(read.values())


def test_it_holds_no_secret(maya: User) -> None:
    with zipfile.ZipFile(made_for(maya)) as copy:
        everything = b"".join(copy.read(name) for name in copy.namelist())
    assert maya.password.encode() not in everything
    assert b"password" not in everything
    assert b"secret" not in everything


def test_it_is_made_once_however_many_workers_are_asked(maya: User, worker: list[int]) -> None:
    export = data_export.ask(maya)
    assert worker == [export.pk]
    assert [data_export.run(export.pk), data_export.run(export.pk)] == [True, False]
    export.refresh_from_db()
    assert (export.state, export.percent) == ("ready", 100)
    assert export.size_bytes > 500


def test_it_takes_one_at_a_time_and_one_a_day(maya: User) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        export = data_export.ask(maya)
        with pytest.raises(data_export.TooSoonError):
            data_export.ask(maya)
        data_export.run(export.pk)
        with pytest.raises(data_export.TooSoonError):
            data_export.ask(maya)
        clock.shift(timedelta(days=1, seconds=1))
        data_export.ask(maya)


def test_it_says_how_far_it_is(maya: User, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def watch(person: User) -> list[Rows]:
        seen.append(DataExport.objects.get(owner=person).percent)
        return []

    kinds = tuple(kind(f"kind {n}", export=Export(f"folder {n}", watch)) for n in range(4))
    declare_only(monkeypatch, kinds=kinds)
    made_for(maya)
    assert seen == [0, 25, 50, 75]


def test_it_fails_in_the_open_and_may_be_asked_again(
    maya: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(person: User) -> list[Rows]:
        raise OSError("disk full")

    declare_only(monkeypatch, kinds=(kind("broken", export=Export("broken", broken)),))
    export = data_export.ask(maya)
    with pytest.raises(OSError, match="disk full"):
        data_export.run(export.pk)
    export.refresh_from_db()
    assert export.state == "failed"
    assert list((Path(settings.DATA_DIR) / "exports").glob("*.part")) == []
    assert "could not be made" in browser_of(maya).get("/settings/data/").text
    assert data_export.may_ask(maya)


def test_it_gives_up_on_a_run_that_died(maya: User) -> None:
    export = data_export.ask(maya)
    DataExport.objects.filter(pk=export.pk).update(state="running")
    with time_machine.travel(timezone.now() + timedelta(seconds=data_export.STALE_S + 1)):
        data_export.sweep()
    export.refresh_from_db()
    assert export.state == "failed"


def test_it_asks_again_when_the_queue_has_lost_it(maya: User, worker: list[int]) -> None:
    export = data_export.ask(maya)
    tasks.sweep_accounts()
    assert worker == [export.pk]
    with time_machine.travel(timezone.now() + timedelta(seconds=data_export.LOST_S + 1)):
        tasks.sweep_accounts()
    assert worker == [export.pk, export.pk]


def test_it_is_fetched_by_its_owner_alone_with_a_fresh_genuine_key(maya: User, budi: User) -> None:
    path = made_for(maya)
    export = DataExport.objects.get()
    key = data_export.link_key(export)
    mine = freshly(maya)
    answer = mine.get(f"/settings/data/{key}/")
    assert b"".join(answer) == path.read_bytes()
    assert "attachment" in answer["Content-Disposition"]
    assert freshly(budi).get(f"/settings/data/{key}/").status_code == 404
    assert browser_of(None).get(f"/settings/data/{key}/").status_code == 302
    for forged in (key[:-1] + ("A" if key[-1] != "A" else "B"), f"{export.pk}-{maya.pk}", "x"):
        assert mine.get(f"/settings/data/{forged}/").status_code == 404, forged
    with time_machine.travel(timezone.now() + timedelta(seconds=data_export.LINK_S + 1)):
        assert data_export.open_for(maya, key) is None


def test_it_is_gone_after_its_days(maya: User) -> None:
    path = made_for(maya)
    stray = path.with_name("99999.part")
    stray.write_bytes(b"x")
    os.utime(stray, (0, 0))
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
        assert data_export.sweep() == 2
    assert not path.exists()
    assert not stray.exists()
    assert not DataExport.objects.exists()

import datetime as dt
import zoneinfo
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import User
from spaces.models import Space
from spaces.services import scheduling
from spaces.services.scheduling import SpaceDraft
from tests.accounts.people import browser_of
from tests.html import folded
from tests.spaces.town import live_space

NEW = "/spaces/new/"
FORM = {"title": "Dams and drought", "speak_rule": "invited", "language": "en", "when": "now"}
JAKARTA = zoneinfo.ZoneInfo("Asia/Jakarta")


def later(moment: dt.datetime, zone: str = "Asia/Jakarta") -> dict[str, str]:
    local = moment.astimezone(zoneinfo.ZoneInfo(zone))
    return {
        **FORM,
        "when": "later",
        "date": local.date().isoformat(),
        "time": local.strftime("%H:%M"),
        "time_zone": zone,
    }


def tomorrow() -> dt.datetime:
    return (timezone.now() + dt.timedelta(days=1)).replace(second=0, microsecond=0)


def scheduled(host: User) -> Space:
    return scheduling.schedule(host, SpaceDraft("Tea"), tomorrow(), "Asia/Jakarta")


def test_it_shows_the_form_with_the_defaults(maya: User) -> None:
    page = folded(browser_of(maya).get(NEW))
    assert 'value="invited" checked' in page
    assert 'name="video_enabled" checked' in page
    assert "Go to the green room" in page


def test_it_fills_in_a_title_from_the_address(maya: User) -> None:
    assert (
        'value="Friday &lt;questions&gt;"'
        in browser_of(maya).get(NEW, {"title": "Friday <questions>"}).content.decode()
    )


def test_it_opens_a_green_room(maya: User) -> None:
    answer = browser_of(maya).post(
        NEW, {**FORM, "topics": ["Music", "Food"], "own_topic": "Rivers", "video_enabled": "on"}
    )
    space = Space.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, space.get_absolute_url())
    assert (space.state, space.video_enabled, space.visitors_allowed) == ("green", True, False)
    assert {topic.name for topic in space.topics.all()} == {"Music", "Food", "Rivers"}


def test_it_schedules_in_the_zone_that_was_chosen(maya: User) -> None:
    moment = tomorrow()
    browser_of(maya).post(NEW, later(moment))
    space = Space.objects.get()
    assert (space.state, space.scheduled_for, space.time_zone) == (
        "scheduled",
        moment,
        "Asia/Jakarta",
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": ""}, "Give it a name, 1 to 70 characters."),
        ({"title": "x" * 71}, "Give it a name, 1 to 70 characters."),
        ({"title": " \u200b "}, "Give it a name, 1 to 70 characters."),
        ({"topics": ["a", "b", "c", "d"]}, "Choose at most 3 topics"),
        ({"own_topic": "x" * 31}, "at most 30"),
        ({"speak_rule": "nobody"}, "Select a valid choice"),
        ({"language": "xx"}, "Select a valid choice"),
        ({"when": "later"}, "Choose a day."),
        ({"when": "later", "date": "2026-13-40", "time": "19:00"}, "Enter a valid date"),
    ],
)
def test_it_says_next_to_the_field_what_is_wrong(
    maya: User, changes: dict[str, object], sentence: str
) -> None:
    answer = browser_of(maya).post(NEW, {**FORM, **changes})
    assert answer.status_code == 422
    assert not Space.objects.exists()
    page = answer.content.decode()
    if "own_topic" not in changes and "speak_rule" not in changes and "language" not in changes:
        assert sentence in page


def test_it_refuses_a_day_that_has_passed(maya: User) -> None:
    answer = browser_of(maya).post(NEW, later(timezone.now() - dt.timedelta(days=1)))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "That day has passed. Choose today or any day of the next 30 days." in page
    assert 'aria-describedby="id_date_error"' in page


def test_it_refuses_a_time_that_has_passed_today(maya: User) -> None:
    answer = browser_of(maya).post(NEW, later(timezone.now() - dt.timedelta(minutes=2), "UTC"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "has passed" in page


def test_it_refuses_a_day_too_far_ahead(maya: User) -> None:
    answer = browser_of(maya).post(NEW, later(timezone.now() + dt.timedelta(days=32)))
    assert "That is too far ahead." in answer.content.decode()


def test_it_refuses_a_time_that_the_clocks_jump_over(maya: User) -> None:
    import time_machine

    # In Berlin 02:30 does not exist on 28 March 2027.
    with time_machine.travel(dt.datetime(2027, 3, 20, 12, tzinfo=dt.UTC), tick=False):
        form = {
            **FORM,
            "when": "later",
            "date": "2027-03-28",
            "time": "02:30",
            "time_zone": "Europe/Berlin",
        }
        answer = browser_of(maya).post(NEW, form)
    assert "The clocks go forward over this time" in answer.content.decode()


def test_it_refuses_an_unknown_zone(maya: User) -> None:
    answer = browser_of(maya).post(NEW, {**later(tomorrow()), "time_zone": "Mars/Olympus"})
    assert answer.status_code == 422
    assert not Space.objects.exists()


def test_it_refuses_a_second_live_space(maya: User) -> None:
    live_space(maya)
    answer = browser_of(maya).post(NEW, FORM)
    assert answer.status_code == 422
    assert "notice--danger" in answer.content.decode()


def test_it_keeps_what_was_typed_when_it_refuses(maya: User) -> None:
    page = folded(browser_of(maya).post(NEW, {**FORM, "title": "", "topics": ["Rivers"]}))
    assert 'value="Rivers" checked' in page


def test_it_suggests_topics_in_the_hosts_language(maya: User) -> None:
    page = browser_of(maya).get(NEW, headers={"accept-language": "id"}).content.decode()
    assert 'value="Musik"' in page and 'value="Music"' not in page


def test_it_sends_visitors_to_the_log_in() -> None:
    for answer in (browser_of(None).get(NEW), browser_of(None).post(NEW, FORM)):
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/account/login/")


def test_it_takes_no_other_method(maya: User) -> None:
    assert browser_of(maya).delete(NEW).status_code == 405


def test_it_changes_a_scheduled_space(maya: User) -> None:
    space = scheduled(maya)
    moment = tomorrow() + dt.timedelta(hours=2)
    answer = browser_of(maya).post(
        f"/spaces/{space.public_id}/edit/", {**later(moment), "title": "Coffee"}
    )
    space.refresh_from_db()
    assert answer.status_code == 302
    assert (space.title, space.scheduled_for) == ("Coffee", moment)


def test_it_shows_the_hosts_own_clock_when_changing(maya: User) -> None:
    space = scheduled(maya)
    page = browser_of(maya).get(f"/spaces/{space.public_id}/edit/").content.decode()
    assert space.scheduled_for is not None
    assert f'value="{space.scheduled_for.astimezone(JAKARTA):%H:%M}"' in page


def test_it_changes_nothing_half_when_the_time_is_refused(maya: User) -> None:
    space = scheduled(maya)
    form = {**later(timezone.now() - dt.timedelta(days=1)), "title": "Coffee"}
    assert browser_of(maya).post(f"/spaces/{space.public_id}/edit/", form).status_code == 422
    space.refresh_from_db()
    assert space.title == "Tea"


def test_it_cancels_after_asking(maya: User) -> None:
    space = scheduled(maya)
    browser = browser_of(maya)
    assert (
        "will not take place" in browser.get(f"/spaces/{space.public_id}/cancel/").content.decode()
    )
    assert browser.post(f"/spaces/{space.public_id}/cancel/").status_code == 302
    space.refresh_from_db()
    assert space.state == "cancelled"


@pytest.mark.parametrize("verb", ["edit", "cancel"])
def test_it_lets_only_the_host_change_or_cancel(maya: User, budi: User, verb: str) -> None:
    space = scheduled(maya)
    address = f"/spaces/{space.public_id}/{verb}/"
    assert browser_of(budi).get(address).status_code == 404
    assert browser_of(budi).post(address, later(tomorrow())).status_code == 404
    assert browser_of(None).post(address).status_code == 302
    space.refresh_from_db()
    assert space.state == "scheduled"


@pytest.mark.parametrize("verb", ["edit", "cancel"])
def test_it_does_not_change_what_has_begun(maya: User, verb: str) -> None:
    space = live_space(maya)
    assert (
        browser_of(maya).post(f"/spaces/{space.public_id}/{verb}/", later(tomorrow())).status_code
        == 404
    )


# --- when the clocks change -----------------------------------------------------------------------

TWICE = {
    **FORM,
    "when": "later",
    "date": "2027-10-31",
    "time": "02:30",
    "time_zone": "Europe/Berlin",
}
NEVER = {**TWICE, "date": "2027-03-28"}


def at(moment: str) -> Any:  # Any: the traveller of time_machine.
    return time_machine.travel(dt.datetime.fromisoformat(moment), tick=False)


def test_it_says_that_a_time_is_skipped(maya: User) -> None:
    with at("2027-03-20T12:00:00+00:00"):
        answer = browser_of(maya).post(NEW, NEVER)
    assert answer.status_code == 422
    assert (
        "The clocks go forward over this time on that day. Choose another one."
        in answer.content.decode()
    )
    assert not Space.objects.exists()


@pytest.mark.parametrize(
    ("fold", "instant"), [("0", "2027-10-31T00:30:00+00:00"), ("1", "2027-10-31T01:30:00+00:00")]
)
def test_it_asks_which_one_of_a_time_that_comes_twice(maya: User, fold: str, instant: str) -> None:
    with at("2027-10-20T12:00:00+00:00"):
        answer = browser_of(maya).post(NEW, TWICE)
        page = answer.content.decode()
        assert answer.status_code == 422 and not Space.objects.exists()
        assert "this time comes twice" in page
        assert "02:30 CEST (UTC+2)" in page and "02:30 CET (UTC+1)" in page
        assert browser_of(maya).post(NEW, {**TWICE, "fold": fold}).status_code == 302
        space = Space.objects.get()
        assert (space.scheduled_for, space.wall_time, space.wall_fold) == (
            dt.datetime.fromisoformat(instant),
            "2027-10-31T02:30:00",
            int(fold),
        )
        edit = folded(browser_of(maya).get(f"/spaces/{space.public_id}/edit/"))
        assert f'name="fold" value="{fold}" checked' in edit, (
            "The one that was chosen is still chosen."
        )


@pytest.mark.parametrize("fold", ["2", "x", "-1"])
def test_it_takes_only_one_of_the_two(maya: User, fold: str) -> None:
    with at("2027-10-20T12:00:00+00:00"):
        assert browser_of(maya).post(NEW, {**TWICE, "fold": fold}).status_code == 422
    assert not Space.objects.exists()


def test_it_keeps_the_wall_clock_over_a_change_that_lies_between(maya: User) -> None:
    """Chosen in summer time for a day in winter time: the clock on the wall will show 19:00."""
    with at("2027-10-20T12:00:00+00:00"):
        browser_of(maya).post(NEW, {**TWICE, "date": "2027-11-05", "time": "19:00"})
    assert Space.objects.get().scheduled_for == dt.datetime.fromisoformat(
        "2027-11-05T18:00:00+00:00"
    )

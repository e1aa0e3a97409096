import pytest
from django.utils import timezone

from accounts.models import User
from posts.models import Post
from tests.accounts.people import HTMX, browser_of, person


def test_it_ends_the_log_in_of_a_suspended_account(maya: User) -> None:
    browser = browser_of(maya)
    assert browser.get("/settings/").status_code == 200
    User.objects.filter(pk=maya.pk).update(is_active=False)
    assert browser.get("/settings/").status_code == 302
    assert "_auth_user_id" not in browser.session


def test_it_speaks_the_language_of_the_account(maya: User) -> None:
    maya.language = "id"
    maya.save()
    assert b'<html lang="id"' in browser_of(maya).get("/").content


def test_it_ignores_a_language_it_does_not_have(maya: User) -> None:
    User.objects.filter(pk=maya.pk).update(language="tlh")
    assert b'<html lang="en"' in browser_of(maya).get("/").content


@pytest.mark.django_db
@pytest.mark.parametrize(("zone", "shown"), [("Asia/Jakarta", "WIB"), ("No/Such", "UTC")])
def test_it_shows_times_in_the_zone_of_the_account(zone: str, shown: str) -> None:
    maya = person("maya", time_zone=zone)
    post = Post.objects.create(author=maya, text="Noon", created_at=timezone.now())
    assert f"({shown})" in browser_of(maya).get(post.get_absolute_url()).content.decode()


def test_it_keeps_fragments_and_pages_apart_in_caches(maya: User) -> None:
    answer = browser_of(maya).get("/", headers=HTMX)
    assert {"HX-Request", "Cookie"} <= {name.strip() for name in answer["Vary"].split(",")}
    assert "private" in answer["Cache-Control"]

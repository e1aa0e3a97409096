import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_it_serves_the_words_of_the_scripts(client: Client) -> None:
    answer = client.get(reverse("jsi18n"))
    assert answer["Content-Type"].startswith("text/javascript")
    assert "gettext" in answer.text


def test_it_sends_them_again_only_when_they_may_have_changed(client: Client) -> None:
    first = client.get(reverse("jsi18n"))
    again = client.get(reverse("jsi18n"), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_it_sends_them_again_in_another_language(client: Client) -> None:
    first = client.get(reverse("jsi18n"))
    other = client.get(
        reverse("jsi18n"), headers={"If-None-Match": first["ETag"], "Accept-Language": "id"}
    )
    assert other.status_code == 200
    assert other["ETag"] != first["ETag"]

"""What a link to a profile looks like elsewhere."""

import io
import re

import pytest
from PIL import Image

from accounts.models import User
from tests.accounts.people import browser_of


def card_of(maya: User) -> str:
    page = browser_of(None).get("/@maya/").content.decode()
    found = re.search(r'og:image" content="http://testserver([^"]+)"', page)
    assert found
    return found[1]


def test_its_page_names_a_picture_that_messengers_show(maya: User) -> None:
    answer = browser_of(None).get(card_of(maya))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    picture = Image.open(io.BytesIO(answer.content))
    assert (picture.format, picture.size) == ("PNG", (1200, 630))
    colours = picture.convert("RGB").getcolors(1_000_000)
    assert colours is not None and len(colours) > 50  # Letters, not an empty panel.


@pytest.mark.parametrize("field", ["display_name", "bio"])
def test_it_has_another_address_when_it_looks_different(field: str, maya: User) -> None:
    before = card_of(maya)
    User.objects.filter(pk=maya.pk).update(**{field: "MAYA"})
    assert card_of(maya) != before


@pytest.mark.parametrize("bio", ["", "x" * 160, "word " * 32, "\u0489" * 160, "茶" * 160])
def test_it_draws_any_words(bio: str, maya: User) -> None:
    User.objects.filter(pk=maya.pk).update(bio=bio, display_name=bio[:50])
    assert browser_of(None).get(card_of(maya)).status_code == 200


def test_it_draws_nobody_who_is_suspended_or_unknown(maya: User) -> None:
    User.objects.update(is_active=False)
    assert browser_of(None).get("/@maya/picture.png").status_code == 404
    assert browser_of(None).get("/@nobody/picture.png").status_code == 404

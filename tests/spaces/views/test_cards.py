from accounts.models import User
from accounts.services import relationships
from spaces.models import Space
from spaces.services import scheduling
from tests.accounts.people import HTMX, browser_of
from tests.spaces.town import green_space, live_space


def card_of(space: Space, viewer: User | None, **query: str) -> str:
    return (
        browser_of(viewer)
        .get(f"/spaces/{space.public_id}/card/", query, headers=HTMX)
        .content.decode()
    )


def test_it_is_a_piece_and_no_page(maya: User) -> None:
    card = card_of(live_space(maya), None)
    assert "<html" not in card
    assert card.count("<section") == 1


def test_it_follows_the_room_from_live_to_ended(maya: User) -> None:
    space = live_space(maya)
    assert "space-card--live" in card_of(space, None)
    scheduling.end(space, maya)
    ended = card_of(space, None)
    assert "space-card--ended" in ended
    assert "data-card=" not in ended, "what is over needs no more questions"


def test_it_keeps_its_look_when_asked_again(maya: User) -> None:
    space = live_space(maya)
    assert "space-card--lead" in card_of(space, None, look="lead")
    assert "space-card--brief" in card_of(space, None, look="brief")
    assert "evil" not in card_of(space, None, look='"evil')


def test_it_answers_nothing_for_who_may_not_see_it(maya: User, budi: User) -> None:
    hidden = green_space(maya)
    assert browser_of(budi).get(f"/spaces/{hidden.public_id}/card/").status_code == 204
    live = live_space(budi)
    relationships.block(budi, maya)
    assert browser_of(maya).get(f"/spaces/{live.public_id}/card/").status_code == 204


def test_it_writes_titles_as_text(maya: User) -> None:
    assert "<b>" not in card_of(live_space(maya, title="<b>bold</b>"), None)

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.services import relationships
from posts.models import Conversation
from posts.services import conversations, groups, messaging
from posts.services.messaging import NewMessage
from posts.services.posting import Picture
from tests.accounts.people import HTMX, add_second_factor, browser_of, make_follow, person
from tests.posts.services.test_messaging import webp


@pytest.fixture
def crew(maya: User, budi: User) -> Conversation:
    make_follow(budi, maya)
    return groups.make(maya, "Crew", [budi])


def test_it_leads_from_one_person_to_a_conversation_and_from_several_to_a_group(
    maya: User, budi: User, noor: User
) -> None:
    browser = browser_of(maya)
    assert browser.post("/messages/new/", {"people": "budi"})["Location"] == "/messages/to/budi/"
    answer = browser.post("/messages/new/", {"people": ["budi", "noor"], "name": "Kitchen"})
    group = Conversation.objects.get(name="Kitchen")
    assert answer["Location"] == f"/messages/{group.pk}/"
    page = browser.get(answer["Location"]).text
    assert "You made this group" in page
    assert "You and 2 more" in page


def test_it_says_what_is_wrong_and_keeps_what_was_chosen(
    maya: User, budi: User, noor: User
) -> None:
    answer = browser_of(maya).post("/messages/new/", {"people": ["budi", "noor"]})
    assert answer.status_code == 422
    assert "Give the group a name." in answer.text
    assert 'value="noor" checked' in answer.text
    answer = browser_of(maya).post("/messages/new/", {"people": ["nobody"], "name": "x"})
    assert "Choose somebody first." in answer.text


def test_it_offers_whom_one_may_write_to(maya: User, budi: User, noor: User) -> None:
    make_follow(maya, budi, noor)
    relationships.block(noor, maya)
    User.objects.filter(handle="budi").update(direct_messages_from="nobody")
    person("eka", display_name="Eka Pratama")
    browser = browser_of(maya)
    page = browser.get("/messages/new/").text
    assert "@budi" not in page
    assert "@noor" not in page
    found = browser.get("/messages/new/", {"q": "eka"}, headers=HTMX).text
    assert "@eka" in found
    assert "<html" not in found
    assert (
        "@eka"
        not in browser.get("/messages/new/", {"q": "eka", "people": "eka"}, headers=HTMX).text
    )
    assert "Nobody of that name" in browser.get("/messages/new/", {"q": "budi"}, headers=HTMX).text


def test_it_adds_renames_removes_and_leaves(
    crew: Conversation, maya: User, budi: User, noor: User
) -> None:
    browser, path = browser_of(maya), f"/messages/{crew.pk}/"
    assert browser.post(f"{path}people/", {"people": "noor"})["Location"] == f"{path}people/"
    assert browser.post(f"{path}name/", {"name": "Kitchen"}).status_code == 302
    page = browser.get(f"{path}people/").text
    assert "Not accepted yet" in page
    assert browser.post(f"{path}people/remove/noor/").status_code == 302
    assert [one.handle for one in User.objects.filter(memberships__conversation=crew)] == [
        "maya",
        "budi",
    ]
    assert browser.post(f"{path}leave/")["Location"] == "/messages/"
    assert browser.get(path).status_code == 404
    crew.refresh_from_db()
    assert (crew.name, crew.owner) == ("Kitchen", budi)


def test_it_tells_a_maker_why_somebody_is_not_added(
    crew: Conversation, maya: User, noor: User
) -> None:
    relationships.block(noor, maya)
    answer = browser_of(maya).post(f"/messages/{crew.pk}/people/", {"people": "noor"})
    assert (
        answer.status_code,
        "Choose somebody" in answer.text or "in this group already" in answer.text,
    ) == (
        422,
        True,
    )
    User.objects.create_user("ivan", "ivan@people.example", direct_messages_from="nobody")
    assert (
        "You cannot add @ivan."
        in browser_of(maya).post(f"/messages/{crew.pk}/people/", {"people": "ivan"}).text
    )


@pytest.mark.parametrize("path", ["people/", "people/remove/maya/", "name/", "leave/"])
def test_it_refuses_those_who_are_not_in_it_and_who_did_not_make_it(
    crew: Conversation, maya: User, budi: User, noor: User, path: str
) -> None:
    url = f"/messages/{crew.pk}/{path}"
    assert browser_of(None).post(url)["Location"].startswith("/account/login/")
    noor.is_staff = True
    noor.save()
    add_second_factor(noor)
    assert browser_of(noor).post(url, {"people": "noor", "name": "x"}).status_code == 404
    if path != "leave/":
        assert browser_of(budi).post(url, {"people": "noor", "name": "x"}).status_code == 403
    if path != "people/":
        assert browser_of(maya).get(url).status_code == 405
    assert crew.memberships.count() == 2


def test_it_has_no_group_pages_for_two(maya: User, budi: User) -> None:
    pair = messaging.send(maya, budi, "Hello").conversation
    for path in ("people/", "name/", "leave/"):
        assert (
            browser_of(maya)
            .post(f"/messages/{pair.pk}/{path}", {"name": "x", "people": "noor"})
            .status_code
            == 404
        )


def test_it_gives_pictures_to_members_alone(
    crew: Conversation, maya: User, budi: User, noor: User
) -> None:
    message = messaging.send_to_group(maya, crew, NewMessage(images=[Picture(webp(), "Chillies")]))
    url = message.images.get().get_absolute_url()
    noor.is_staff = noor.is_superuser = True
    noor.save()
    add_second_factor(noor)
    assert browser_of(None).get(url)["Location"].startswith("/account/login/")
    assert [browser_of(who).get(url).status_code for who in (maya, budi, noor)] == [200, 200, 404]
    assert browser_of(maya).get("/messages/images/999999/").status_code == 404
    groups.remove(maya, crew, budi)
    assert browser_of(budi).get(url).status_code == 404
    groups.add(maya, crew, [budi])
    assert browser_of(budi).get(url).status_code == 404  # Newcomers see what comes after them.
    conversations.delete_for_me(conversations.find(maya, crew.pk))  # type: ignore[arg-type]  # She is in it.
    assert browser_of(maya).get(url).status_code == 404
    name = str(message.images.get().file.name).rsplit("/", 1)[-1]
    # No way around the view.
    assert browser_of(noor).get(f"/media/messages/{name}").status_code == 404


def test_it_hides_pictures_across_a_block_in_a_group(
    crew: Conversation, maya: User, budi: User
) -> None:
    message = messaging.send_to_group(maya, crew, NewMessage(images=[Picture(webp())]))
    relationships.block(budi, maya)
    assert browser_of(budi).get(message.images.get().get_absolute_url()).status_code == 404


def test_it_costs_the_same_however_many_and_whatever_they_send(
    crew: Conversation,
    maya: User,
    budi: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(25):
        messaging.send_to_group(budi, crew, NewMessage(f"{number}", [Picture(webp())]))
    groups.add(maya, crew, [person(f"one{number}") for number in range(20)])
    browser = browser_of(maya)
    browser.get(f"/messages/{crew.pk}/")
    with django_assert_max_num_queries(10):
        page = browser.get(f"/messages/{crew.pk}/").text
    assert page.count("gallery__item") == 20  # The other twenty of the page are notes.

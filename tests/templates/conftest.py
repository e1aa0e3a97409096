import pytest
from django.utils import timezone

from accounts.models import User
from posts.services import interactions, posting
from tests.accounts.people import make_follow, person


@pytest.fixture
def town(db: None) -> dict[str, User]:
    """Three people with something on every page."""
    people = {handle: person(handle, bio="Listens.") for handle in ("maya", "budi", "noor")}
    maya, budi, noor = people.values()
    make_follow(maya, budi)
    make_follow(budi, maya)
    post = posting.publish(
        maya, "The river is low #river @budi https://example.org/", created_at=timezone.now()
    )
    answer = posting.publish(budi, "How low?", reply_to=post)
    interactions.like(budi, post)
    interactions.repost(noor, post)
    interactions.bookmark(maya, answer)
    return people

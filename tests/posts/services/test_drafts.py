import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from config.limits import LIMITS
from posts.models import Draft
from posts.services import drafts, posting
from posts.services.drafts import ComposerFields

WHOLE = ComposerFields(["One", "Two"], ["Yes", "No"], 3600, "followed")


def test_it_keeps_words_poll_and_choices(maya: User, budi: User) -> None:
    quoted = posting.publish(budi, "Quote me")
    draft = drafts.save(maya, WHOLE, quote_of=quoted)
    found = drafts.find(maya, draft.pk)
    assert found and found.quote_of == quoted
    assert drafts.fields_of(found) == WHOLE


def test_it_is_seen_by_its_author_alone(maya: User, budi: User) -> None:
    draft = drafts.save(maya, WHOLE)
    assert (drafts.of(budi), drafts.find(budi, draft.pk), drafts.delete(budi, draft.pk)) == (
        [],
        None,
        False,
    )
    drafts.save(budi, ComposerFields(["Other"]), draft_id=draft.pk)
    assert drafts.fields_of(drafts.of(maya)[0]) == WHOLE


def test_it_is_kept_anew_in_its_place(maya: User) -> None:
    first, second = (
        drafts.save(maya, ComposerFields(["A"])),
        drafts.save(maya, ComposerFields(["B"])),
    )
    drafts.save(maya, ComposerFields(["C"]), draft_id=first.pk)
    assert [drafts.fields_of(draft).texts for draft in drafts.of(maya)] == [["C"], ["B"]]
    assert drafts.of(maya) == [first, second]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (ComposerFields([""]), "empty"),
        (ComposerFields([" ", ""], [" "]), "empty"),
        (ComposerFields(["x" * (drafts.MOST_CHARS + 1)]), "too_long"),
        (ComposerFields(["x"] * (LIMITS.thread_posts + 1)), "too_long"),
    ],
)
def test_it_refuses_nothing_and_too_much(maya: User, fields: ComposerFields, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        drafts.save(maya, fields)
    assert refused.value.code == code


def test_it_keeps_a_hundred(maya: User) -> None:
    Draft.objects.bulk_create(
        Draft(author=maya, fields={"texts": ["x"]}) for _ in range(LIMITS.drafts)
    )
    with pytest.raises(ValidationError) as refused:
        drafts.save(maya, WHOLE)
    assert refused.value.code == "too_many"
    drafts.save(maya, WHOLE, draft_id=drafts.of(maya)[0].pk)

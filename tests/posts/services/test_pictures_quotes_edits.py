import io
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import pictures
from accounts.models import Notification, User
from accounts.services import relationships
from posts.models import Hashtag, Post, PostImage, PostVersion, VoiceClip
from posts.services import posting
from posts.services.posting import Picture
from posts.services.presented_post import present_one
from tests.accounts.people import person


def picture(alt: str = "") -> Picture:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "teal").save(out, "WEBP")
    return Picture(out.getvalue(), alt)


def test_it_posts_pictures_with_their_words_and_size_and_no_text(maya: User) -> None:
    post = posting.publish(maya, " ", images=[picture(" A river "), picture()])
    assert [
        (image.position, image.alt, image.width, image.height) for image in post.images.all()
    ] == [
        (0, "A river", 30, 20),
        (1, "", 30, 20),
    ]
    assert [image.alt for image in present_one(post, None).images] == ["A river", ""]


def test_it_takes_four_pictures_and_no_more(maya: User) -> None:
    posting.publish(maya, "four", images=[picture()] * 4)
    with pytest.raises(ValidationError) as refused:
        posting.publish(maya, "five", images=[picture()] * 5)
    assert refused.value.code == "too_many"


def test_it_deletes_the_files_with_the_post(
    maya: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    post = posting.publish(maya, "", images=[picture()])
    name = str(PostImage.objects.get().file)
    with django_capture_on_commit_callbacks(execute=True):
        posting.delete(maya, post)
        assert default_storage.exists(name)  # Not before the commit: a rollback must find it.
    assert not default_storage.exists(name)


def test_it_measures_only_what_it_made() -> None:
    assert pictures.size_of(picture().webp) == (30, 20)


def test_it_quotes_and_tells_the_quoted_once(maya: User, budi: User) -> None:
    post = posting.publish(maya, "Two hands above")
    quoting = posting.publish(budi, "@maya this", quote_of=post)
    assert [row.kind for row in Notification.objects.filter(recipient=maya)] == ["quote"]
    view = present_one(Post.objects.for_page(None).get(pk=quoting.pk), None)
    assert view.quote
    assert view.quote.post == post


@pytest.mark.parametrize("why", ["deleted", "taken out", "protected", "blocked"])
def test_it_keeps_a_quote_whose_post_is_gone_for_the_viewer(
    maya: User, budi: User, noor: User, why: str
) -> None:
    post = posting.publish(maya, "Two hands above")
    quoting = posting.publish(budi, "this", quote_of=post)
    if why == "deleted":
        posting.delete(maya, post)
    if why == "taken out":
        posting.detach(maya, quoting)
    if why == "protected":
        User.objects.filter(pk=maya.pk).update(is_protected=True)
    if why == "blocked":
        relationships.block(maya, noor)
    view = present_one(Post.objects.for_page(noor).get(pk=quoting.pk), noor)
    assert view.quote
    assert view.quote.post is None
    assert view.post.text == "this"


def test_it_lets_only_the_quoted_author_take_a_post_out(maya: User, budi: User, noor: User) -> None:
    quoting = posting.publish(budi, "this", quote_of=posting.publish(maya, "Two hands above"))
    for other in (budi, noor):
        with pytest.raises(PermissionError):
            posting.detach(other, quoting)


def test_it_quotes_nothing_protected(budi: User) -> None:
    citra = person("citra", is_protected=True)
    post = posting.publish(citra, "Among friends")
    for who in (budi, citra):
        with pytest.raises(PermissionError):
            posting.publish(who, "look", quote_of=post)


def test_it_edits_for_half_an_hour_and_keeps_what_was_said(maya: User, budi: User) -> None:
    post = posting.publish(maya, "Tow hands #tpyo")
    posting.edit(maya, post, "Two hands #typo @budi")
    post.refresh_from_db()
    assert (post.text, post.edited_at is not None) == ("Two hands #typo @budi", True)
    assert [version.text for version in PostVersion.objects.all()] == ["Tow hands #tpyo"]
    assert [tag.name for tag in Hashtag.objects.all()] == ["typo"]
    assert [row.kind for row in Notification.objects.filter(recipient=budi)] == ["mention"]


def test_it_tells_nobody_twice_who_stays_named(maya: User, budi: User) -> None:
    post = posting.publish(maya, "@budi come")
    posting.edit(maya, post, "@budi do come")
    assert Notification.objects.filter(recipient=budi).count() == 1


def test_it_writes_no_version_when_nothing_changes(maya: User) -> None:
    post = posting.publish(maya, "Same")
    posting.edit(maya, post, " Same ")
    assert post.edited_at is None
    assert not PostVersion.objects.exists()


def test_it_refuses_to_edit_late_or_for_others_or_to_nothing(maya: User, budi: User) -> None:
    post = posting.publish(maya, "Hello")
    with pytest.raises(PermissionError):
        posting.edit(budi, post, "Hijacked")
    with pytest.raises(ValidationError):
        posting.edit(maya, post, "")
    with (
        time_machine.travel(timezone.now() + timedelta(minutes=31)),
        pytest.raises(PermissionError),
    ):
        posting.edit(maya, post, "Too late")
    post.refresh_from_db()
    assert post.text == "Hello"


def test_it_speaks_of_a_post_without_words_by_what_it_has(maya: User, budi: User) -> None:
    clip = VoiceClip.objects.create(owner=maya, state="ready")
    spoken = posting.publish(maya, "", voice_id=clip.pk)
    pictured = Post.objects.create(author=maya, image_count=1)
    assert [post.summary for post in (spoken, pictured)] == ["Voice clip", "Picture"]
    quote = present_one(posting.publish(budi, "Listen", quote_of=spoken), budi).quote
    assert quote and quote.html == "Voice clip"

"""Posts as JSON."""

from rest_framework import serializers

from accounts.api.serializers import AccountBriefSerializer
from config.limits import LIMITS
from config.rest.text_fields import LineField, LinesField
from posts.models import Draft, DraftImage, Post, PostImage, PostVersion, VoiceClip
from posts.models.attachment import ALT_CHARS
from posts.services import drafts
from posts.services.polls import PollOptionResult, PollResult
from posts.services.presented_post import PresentedPost

ID_MAX = 2**63 - 1
# Far above the limits: the services count and say the sentence. This only bounds what is looked at.
TEXT_MAX = 10_000


class PictureSerializer(serializers.ModelSerializer[PostImage]):
    """`still_url` is the first frame of one that `is_moving`, else the picture itself."""

    url = serializers.CharField(source="get_absolute_url", read_only=True)
    still_url = serializers.CharField(read_only=True)

    class Meta:
        model = PostImage
        fields = ("url", "width", "height", "alt", "is_moving", "still_url")
        read_only_fields = fields


class VoiceSerializer(serializers.ModelSerializer[VoiceClip]):
    """A recording. It can be heard once `state` is `ready`, by whoever may read what carries it."""

    ogg = serializers.CharField(source="opus_url", read_only=True)
    m4a = serializers.CharField(source="m4a_url", read_only=True)
    waveform = serializers.ListField(child=serializers.IntegerField(), read_only=True)

    class Meta:
        model = VoiceClip
        fields = ("id", "state", "reason", "duration_ms", "waveform", "ogg", "m4a", "transcript")
        read_only_fields = fields


class NewVoiceSerializer(serializers.Serializer[VoiceClip]):
    clip = serializers.FileField(
        help_text="MP3, M4A, AAC, WAV, AIFF, CAF, FLAC, Ogg, WebM or AMR, by content; at most "
        f"{LIMITS.sound_bytes // 2**20} MB and {LIMITS.voice_clip_s} s."
    )


class PollOptionSerializer(serializers.Serializer[PollOptionResult]):
    position = serializers.IntegerField()
    text = serializers.CharField()
    vote_count = serializers.IntegerField()
    percent = serializers.IntegerField()
    is_mine = serializers.BooleanField()


class PollSerializer(serializers.Serializer[PollResult]):
    """Counts are 0 until `shows_results`: after the caller's vote, and for all after the end."""

    options = PollOptionSerializer(many=True)
    voter_count = serializers.IntegerField()
    ends_at = serializers.DateTimeField()
    has_ended = serializers.BooleanField()
    has_voted = serializers.BooleanField()
    shows_results = serializers.BooleanField()


class PostSerializer(serializers.Serializer[PresentedPost]):
    """A post as the caller sees it. `text` is plain; `html` has links and is safe to show."""

    id = serializers.IntegerField(source="post.pk")
    entry_id = serializers.IntegerField(
        source="entry.pk", help_text="Differs from `id` for a repost."
    )
    url = serializers.CharField(source="post.get_absolute_url")
    author = AccountBriefSerializer(source="post.author")
    reposted_by = AccountBriefSerializer(allow_null=True)
    text = serializers.CharField(source="post.text")
    html = serializers.CharField()
    created_at = serializers.DateTimeField(source="post.created_at")
    is_reply = serializers.BooleanField(source="post.is_reply")
    reply_to = serializers.IntegerField(source="post.reply_to_id", allow_null=True)
    replies_from = serializers.ChoiceField(Post.Replies.choices, source="post.replies_from")
    is_quote = serializers.BooleanField(source="post.is_quote")
    quote_of = serializers.SerializerMethodField(
        help_text="null if it is no quote or the quoted post is not available."
    )
    images = PictureSerializer(many=True)
    voice = VoiceSerializer(allow_null=True)
    poll = PollSerializer(allow_null=True)
    edited_at = serializers.DateTimeField(source="post.edited_at", allow_null=True)
    like_count = serializers.IntegerField(source="post.like_count")
    reply_count = serializers.IntegerField(source="post.reply_count")
    repost_count = serializers.IntegerField(source="post.repost_count")
    is_liked = serializers.BooleanField()
    is_reposted = serializers.BooleanField()
    is_bookmarked = serializers.BooleanField()

    def get_quote_of(self, view: PresentedPost) -> int | None:
        return view.quote.post.pk if view.quote and view.quote.post else None


class FeedSerializer(serializers.Serializer[object]):
    """A page of posts.

    Ask with `?after=` the `next` of this page for the following one; null is the end.
    """

    next = serializers.CharField(allow_null=True)
    results = PostSerializer(many=True)


class NewPollSerializer(serializers.Serializer[Post]):
    # Above the limits, as TEXT_MAX is: `polls.clean` says the sentence.
    options = serializers.ListField(
        child=LineField(max_length=200, allow_blank=True), max_length=20
    )
    lasts_s = serializers.IntegerField(
        min_value=0, max_value=ID_MAX, help_text="From 5 minutes to 7 days."
    )


class NewPostSerializer(serializers.Serializer[Post]):
    """JSON, or a form for the files of `images`; `alt` describes them, in the same order."""

    text = LinesField(max_length=TEXT_MAX, allow_blank=True)
    reply_to = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=ID_MAX
    )
    quote_of = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=ID_MAX
    )
    replies_from = serializers.ChoiceField(Post.Replies.choices, default=Post.Replies.EVERYONE)
    voice = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=ID_MAX,
        help_text="A recording of one's own, unused.",
    )
    poll = NewPollSerializer(required=False, allow_null=True)
    images = serializers.ListField(
        child=serializers.FileField(), required=False, max_length=LIMITS.post_images
    )
    alt = serializers.ListField(
        child=LinesField(max_length=ALT_CHARS, allow_blank=True),
        required=False,
        max_length=LIMITS.post_images,
    )


class EditSerializer(serializers.Serializer[Post]):
    text = LinesField(max_length=TEXT_MAX, allow_blank=True)


class VersionSerializer(serializers.ModelSerializer[PostVersion]):
    class Meta:
        model = PostVersion
        fields = ("text", "replaced_at")
        read_only_fields = fields


class VoteSerializer(serializers.Serializer[Post]):
    position = serializers.IntegerField(min_value=0, max_value=100)


class DraftImageSerializer(serializers.ModelSerializer[DraftImage]):
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = DraftImage
        fields = ("id", "url", "width", "height", "alt")
        read_only_fields = fields


class PostDraftSerializer(serializers.Serializer[Draft]):
    """What somebody put aside. Several `texts` are a thread. `images` are for its author alone."""

    id = serializers.IntegerField()
    texts = serializers.ListField(child=serializers.CharField(allow_blank=True))
    options = serializers.ListField(child=serializers.CharField(allow_blank=True))
    lasts_s = serializers.IntegerField()
    replies_from = serializers.ChoiceField(Post.Replies.choices)
    reply_to = serializers.IntegerField(allow_null=True)
    quote_of = serializers.IntegerField(allow_null=True)
    images = DraftImageSerializer(many=True)
    voice = VoiceSerializer(allow_null=True)
    updated_at = serializers.DateTimeField()

    def to_representation(self, draft: Draft) -> dict[str, object]:
        fields = drafts.fields_of(draft)
        return {
            "id": draft.pk,
            "texts": list(fields.texts),
            "options": list(fields.options),
            "lasts_s": fields.lasts_s,
            "replies_from": fields.replies_from,
            "reply_to": draft.reply_to_id,
            "quote_of": draft.quote_of_id,
            "images": DraftImageSerializer(draft.images.all(), many=True).data,
            "voice": VoiceSerializer(draft.voice).data if draft.voice else None,
            "updated_at": draft.updated_at.isoformat(),
        }


class NewDraftSerializer(serializers.Serializer[Draft]):
    """JSON, or a form for the files of `images`.

    `kept` are the pictures of this draft that stay, in order; those that are not named go.
    """

    texts = serializers.ListField(
        child=LinesField(max_length=TEXT_MAX, allow_blank=True),
        min_length=1,
        max_length=100,
    )
    options = serializers.ListField(
        child=LineField(max_length=200, allow_blank=True), required=False, max_length=20
    )
    lasts_s = serializers.IntegerField(min_value=0, max_value=ID_MAX, default=86400)
    replies_from = serializers.ChoiceField(Post.Replies.choices, default=Post.Replies.EVERYONE)
    reply_to = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=ID_MAX
    )
    quote_of = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=ID_MAX
    )
    voice = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=ID_MAX,
        help_text="A recording of one's own, unused.",
    )
    kept = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=ID_MAX),
        required=False,
        max_length=LIMITS.post_images,
    )
    kept_alt = serializers.ListField(
        child=LinesField(max_length=ALT_CHARS, allow_blank=True),
        required=False,
        max_length=LIMITS.post_images,
    )
    images = serializers.ListField(
        child=serializers.FileField(), required=False, max_length=LIMITS.post_images
    )
    alt = serializers.ListField(
        child=LinesField(max_length=ALT_CHARS, allow_blank=True),
        required=False,
        max_length=LIMITS.post_images,
    )


class SearchSerializer(serializers.Serializer[object]):
    people = AccountBriefSerializer(many=True)
    posts = FeedSerializer()

"""Posts as JSON."""

from rest_framework import serializers

from accounts.api.serializers import AccountBriefSerializer
from posts.models import Post, PostImage
from posts.services.presenting import PostView


class PictureSerializer(serializers.ModelSerializer[PostImage]):
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = PostImage
        fields = ("url", "width", "height", "alt")
        read_only_fields = fields


class PostSerializer(serializers.Serializer[PostView]):
    """A post as the caller sees it. `text` is plain; `html` is the same with links, safe to show."""

    id = serializers.IntegerField(source="post.pk")
    entry_id = serializers.IntegerField(source="entry.pk", help_text="Differs from `id` for a repost.")
    url = serializers.CharField(source="post.get_absolute_url")
    author = AccountBriefSerializer(source="post.author")
    reposted_by = AccountBriefSerializer(allow_null=True)
    text = serializers.CharField(source="post.text")
    html = serializers.CharField()
    created_at = serializers.DateTimeField(source="post.created_at")
    is_reply = serializers.BooleanField(source="post.is_reply")
    reply_to = serializers.IntegerField(source="post.reply_to_id", allow_null=True)
    is_quote = serializers.BooleanField(source="post.is_quote")
    quote_of = serializers.SerializerMethodField(
        help_text="null if it is no quote or the quoted post is not available."
    )
    images = PictureSerializer(many=True)
    edited_at = serializers.DateTimeField(source="post.edited_at", allow_null=True)
    like_count = serializers.IntegerField(source="post.like_count")
    reply_count = serializers.IntegerField(source="post.reply_count")
    repost_count = serializers.IntegerField(source="post.repost_count")
    is_liked = serializers.BooleanField()
    is_reposted = serializers.BooleanField()
    is_bookmarked = serializers.BooleanField(source="is_kept")

    def get_quote_of(self, view: PostView) -> int | None:
        return view.quote.post.pk if view.quote and view.quote.post else None


class FeedSerializer(serializers.Serializer[object]):
    """A page of posts. Ask with `?after=` the `next` of this page for the following one; null is the end."""

    next = serializers.CharField(allow_null=True)
    results = PostSerializer(many=True)


class NewPostSerializer(serializers.Serializer[Post]):
    # Far above the limit: the service counts and says the sentence. This only bounds what is looked at.
    text = serializers.CharField(max_length=10_000, trim_whitespace=False, allow_blank=True)
    reply_to = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=2**63 - 1)
    quote_of = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=2**63 - 1)


class EditSerializer(serializers.Serializer[Post]):
    text = serializers.CharField(max_length=10_000, trim_whitespace=False, allow_blank=True)


class SearchSerializer(serializers.Serializer[object]):
    people = AccountBriefSerializer(many=True)
    posts = FeedSerializer()

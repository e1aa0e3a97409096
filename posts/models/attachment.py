"""Pictures of a post, and its texts before edits.

Files have no address of their own: a view asks who looks.
"""

from django.db import models

from config.db import columns
from config.db.text_fields import LinesField
from config.rendering.fast_reverse import address
from posts.models.post import Post

ALT_CHARS = 1000


class WithStill:
    """A picture at an address, where the same standing still is to be had."""

    @property
    def still_url(self) -> str:
        return f"{self.get_absolute_url()}?still"

    def get_absolute_url(self) -> str:
        raise NotImplementedError


class PostImage(WithStill, models.Model):
    """A picture, re-encoded by us; its size keeps its place on the page before it is loaded."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="images")
    position = models.PositiveSmallIntegerField()
    file = models.FileField(upload_to="posts/")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    is_moving = models.BooleanField(default=False, db_default=False)
    alt = LinesField(max_length=ALT_CHARS, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "position"], name="posts_image_place_once")
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return f"picture {self.position} of {self.post_id}"

    def get_absolute_url(self) -> str:
        return address("posts:image", self.pk)


class PostVersion(models.Model):
    """The text of a post before an edit; who may read the post may read these, too."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="versions")
    text = LinesField(max_length=columns.TEXT_CHARS, blank=True)
    replaced_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"earlier {self.post_id}"

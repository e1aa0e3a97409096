from django.urls import path, register_converter

from spaces.models.space import BASE58, PUBLIC_ID_CHARS
from spaces.views import cards, lists, room, setup


class PublicId:
    regex = rf"[{BASE58}]{{{PUBLIC_ID_CHARS}}}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PublicId, "public_id")

app_name = "spaces"
urlpatterns = [
    path("", lists.index, name="index"),
    path("new/", setup.new, name="new"),
    path("<public_id:public_id>/", room.show, name="space"),
    path("<public_id:public_id>/card/", cards.card, name="card"),
    path("<public_id:public_id>/edit/", setup.edit, name="edit"),
    path("<public_id:public_id>/cancel/", setup.cancel, name="cancel"),
]

from django.urls import path, register_converter

from spaces.models.space import PUBLIC_ID
from spaces.views import (
    calendar,
    cards,
    feeds,
    lists,
    podcast,
    reminders,
    replay,
    replay_clips,
    room,
    setup,
    social_image,
)


class PublicId:
    # Exactly as ids are made, so that no word of the addresses below is one.
    regex = PUBLIC_ID

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PublicId, "public_id")

app_name = "spaces"
urlpatterns = [
    path("", lists.index, name="index"),
    path("new/", setup.new, name="new"),
    path("calendar/", calendar.settings, name="calendar"),
    path("calendar/<str:secret>.ics", calendar.personal_calendar, name="my_calendar"),
    path("of/<str:handle>/calendar.ics", calendar.host_calendar, name="host_calendar"),
    path("of/<str:handle>/feed.xml", feeds.host_feed, name="host_feed"),
    path("of/<str:handle>/podcast.xml", podcast.host_podcast, name="podcast"),
    path("of/<str:handle>/podcast.jpg", podcast.cover, name="podcast_cover"),
    path("clips/<public_id:public_id>/", replay_clips.show, name="clip"),
    path("clips/<public_id:public_id>/progress/", replay_clips.progress, name="clip_progress"),
    path("clips/<public_id:public_id>/delete/", replay_clips.delete, name="clip_delete"),
    path("clips/<public_id:public_id>/<str:name>", replay_clips.file, name="clip_file"),
    path("<public_id:public_id>/replay/<int:version>/<str:name>", replay.file, name="replay_file"),
    # For podcast players: it stays the same, where those of the files run out.
    path("<public_id:public_id>/replay/audio.m4a", replay.enclosure, name="replay_audio"),
    path(
        "<public_id:public_id>/replay/addresses/", replay.fresh_addresses, name="replay_addresses"
    ),
    path("<public_id:public_id>/replay/progress/", replay.progress, name="replay_progress"),
    path("<public_id:public_id>/replay/start/", replay.set_start, name="replay_start"),
    path("<public_id:public_id>/replay/retry/", replay.retry, name="replay_retry"),
    path("<public_id:public_id>/replay/delete/", replay.delete, name="replay_delete"),
    path("<public_id:public_id>/replay/clips/", replay_clips.cut, name="clips"),
    path("<public_id:public_id>/transcript/<int:pk>/", replay.correct, name="transcript_line"),
    path("<public_id:public_id>/", room.show, name="space"),
    path("<public_id:public_id>/card/", cards.card, name="card"),
    path("<public_id:public_id>/reminder/", reminders.reminder, name="reminder"),
    path("<public_id:public_id>/calendar.ics", calendar.space_calendar, name="ics"),
    path("<public_id:public_id>/poster.png", social_image.picture, name="poster"),
    path("<public_id:public_id>/edit/", setup.edit, name="edit"),
    path("<public_id:public_id>/cancel/", setup.cancel, name="cancel"),
]

from django.urls import re_path
from rest_framework.routers import SimpleRouter

from spaces.api import replays
from spaces.api.views import SpaceViewSet

router = SimpleRouter()
router.register("spaces", SpaceViewSet, basename="api-space")
_SPACE = rf"^spaces/(?P<id>{SpaceViewSet.lookup_value_regex})"
urlpatterns = [
    *router.urls,
    # By hand: parts of a Space have no list of their own for a router.
    re_path(rf"{_SPACE}/replay/$", replays.ReplayView.as_view(), name="api-replay"),
    re_path(rf"{_SPACE}/transcript/$", replays.TranscriptView.as_view(), name="api-transcript"),
    re_path(
        # More digits would not fit a key, which has 64 bits.
        rf"{_SPACE}/transcript/(?P<line>\d{{1,18}})/$",
        replays.TranscriptLineView.as_view(),
        name="api-line",
    ),
    re_path(rf"{_SPACE}/clips/$", replays.ClipsView.as_view(), name="api-clips"),
    re_path(rf"{_SPACE}/captions/$", replays.ReplayCaptionsView.as_view(), name="api-captions"),
    re_path(
        rf"^clips/(?P<id>{SpaceViewSet.lookup_value_regex})/$",
        replays.ClipView.as_view(),
        name="api-clip",
    ),
]

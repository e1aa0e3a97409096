from rest_framework.routers import SimpleRouter

from spaces.api.views import SpaceViewSet

router = SimpleRouter()
router.register("spaces", SpaceViewSet, basename="api-space")
urlpatterns = router.urls

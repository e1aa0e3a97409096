"""The caller's alerts."""

from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.people import known_caller
from accounts.api.serializers import NotificationSerializer
from accounts.notifications import notify
from config.cursors import parse_id

_PAGE = inline_serializer(
    "NotificationPage",
    {
        "next": serializers.IntegerField(
            allow_null=True, help_text="Ask with `?before=` this for older ones."
        ),
        "unread": serializers.IntegerField(),
        "results": NotificationSerializer(many=True),
    },
)


class NotificationsView(APIView):
    @extend_schema(parameters=[OpenApiParameter("before", int)], responses=_PAGE)
    def get(self, request: Request) -> Response:
        # The page marks all read when it is opened; a program says so itself (`ReadView`).
        me = known_caller(request)
        alerts, next_before = notify.alerts_for(
            me, parse_id(request.query_params.get("before", ""))
        )
        page = {
            "next": next_before,
            "unread": notify.unread_count(me),
            "results": [NotificationSerializer(alert).data for alert in alerts],
        }
        return Response(page)


class ReadView(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """Mark everything read."""
        notify.mark_read(known_caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

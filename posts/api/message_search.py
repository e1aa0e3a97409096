"""Search among one's own messages, as JSON."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.people import count, known_caller
from config.cursors import parse_id
from config.db import full_text
from config.text import line
from posts.api.conversations import ConversationSerializer, MessageSerializer, shown
from posts.services import message_search

_QUERY = OpenApiParameter(
    "q", str, required=True, description="Every word must be there; 100 characters count."
)
_BEFORE = OpenApiParameter("before", int, description="`older` of the page before.")


class FoundMessagesSerializer(serializers.Serializer[object]):
    """`conversations` by the names in them, on the first page alone; `results` are messages, the
    newest first.
    """

    conversations = ConversationSerializer(many=True)
    older = serializers.IntegerField(allow_null=True)
    results = MessageSerializer(many=True)


class MessageSearchView(APIView):
    @extend_schema(parameters=[_QUERY, _BEFORE], responses=FoundMessagesSerializer)
    def get(self, request: Request) -> Response:
        """Find conversations by names and messages by words, among those the caller is in."""
        count(request, "search")
        me = known_caller(request)
        query = line(request.query_params.get("q", ""))[: full_text.QUERY_CHARS]
        found = message_search.find(me, query, parse_id(request.query_params.get("before", "")))
        results = shown([hit.message for hit in found.hits], me)
        page = {"conversations": found.conversations, "older": found.older, "results": results}
        return Response(FoundMessagesSerializer(page).data)

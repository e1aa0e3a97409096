"""Recordings: sent, asked after until they are ready, forgotten.

A post or a message then carries them.
"""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.people import count, known_caller
from config.rest.parsers import MultiPartParser
from posts.api.serializers import NewVoiceSerializer, VoiceSerializer
from posts.models import VoiceClip
from posts.services import voice


class VoicesView(APIView):
    parser_classes = [MultiPartParser]

    @extend_schema(request=NewVoiceSerializer, responses={201: VoiceSerializer})
    def post(self, request: Request) -> Response:
        """Send a recording.

        Name its `id` in a post or a message within the hour; it may still be prepared then.
        """
        count(request, "voice")
        form = NewVoiceSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        clip = voice.take_in(known_caller(request), form.validated_data["clip"])
        return Response(VoiceSerializer(clip).data, status=status.HTTP_201_CREATED)


class VoiceView(APIView):
    @extend_schema(responses=VoiceSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """How one's own recording is getting on."""
        return Response(VoiceSerializer(self._own(request, pk)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Forget a recording that was not used; of a used one nothing changes."""
        voice.discard(known_caller(request), self._own(request, pk).pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _own(self, request: Request, pk: int) -> VoiceClip:
        clip = (
            VoiceClip.objects.filter(pk=pk, owner=known_caller(request)).first()
            if pk < 2**63
            else None
        )
        if clip is None:
            raise NotFound
        return clip

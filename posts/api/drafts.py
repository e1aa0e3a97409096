"""Drafts: seen and changed by their author alone."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.people import count, known_caller
from posts.api.posts import post_or_404
from posts.api.serializers import NewDraftSerializer, PostDraftSerializer
from posts.api.uploads import pictures_of
from posts.models import Draft
from posts.services import drafts
from posts.services.draft_media import DraftMedia, KeptImage


class DraftsView(APIView):
    @extend_schema(responses=PostDraftSerializer(many=True))
    def get(self, request: Request) -> Response:
        """All of them, the newest first."""
        return Response(
            [PostDraftSerializer(draft).data for draft in drafts.of(known_caller(request))]
        )

    @extend_schema(request=NewDraftSerializer, responses={201: PostDraftSerializer})
    def post(self, request: Request) -> Response:
        """Put something aside."""
        return Response(
            PostDraftSerializer(saved(request, None)).data, status=status.HTTP_201_CREATED
        )


class DraftView(APIView):
    @extend_schema(responses=PostDraftSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(PostDraftSerializer(_own(request, pk)).data)

    @extend_schema(request=NewDraftSerializer, responses=PostDraftSerializer)
    def put(self, request: Request, pk: int) -> Response:
        """Put this in its place."""
        return Response(PostDraftSerializer(saved(request, _own(request, pk).pk)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        drafts.delete(known_caller(request), _own(request, pk).pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _own(request: Request, pk: int) -> Draft:
    draft = drafts.find(known_caller(request), pk) if pk < 2**63 else None
    if draft is None:
        raise NotFound
    return draft


def saved(request: Request, pk: int | None) -> Draft:
    count(request, "post")
    form = NewDraftSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    wanted = form.validated_data
    fields = drafts.ComposerFields(
        wanted["texts"], wanted.get("options") or (), wanted["lasts_s"], wanted["replies_from"]
    )
    reply_to = post_or_404(request, wanted["reply_to"]) if wanted.get("reply_to") else None
    quote_of = post_or_404(request, wanted["quote_of"]) if wanted.get("quote_of") else None
    ids, alts = wanted.get("kept") or (), wanted.get("kept_alt") or ()
    kept = [KeptImage(one, alt) for one, alt in zip(ids, [*alts, *[""] * len(ids)], strict=False)]
    images = pictures_of(wanted.get("images") or (), wanted.get("alt") or ())
    draft = drafts.save(
        known_caller(request),
        fields,
        media=DraftMedia(kept, images, wanted.get("voice")),
        draft_id=pk,
        reply_to=reply_to,
        quote_of=quote_of,
    )
    return _own(request, draft.pk)

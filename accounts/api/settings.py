"""What the caller set about others: muted words, blocks, mutes, followers, reports."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.people import count, known_caller, person_or_404
from accounts.api.serializers import AccountBriefSerializer
from accounts.extension_points import registry
from accounts.models import MutedWord, Report, User
from accounts.models.report import TEXT_CHARS
from accounts.models.user import UserQuerySet
from accounts.moderation import reports
from accounts.services import muted_words, relationships
from config.rest.text_fields import LineField, LinesField

ID_MAX = 2**63 - 1  # A larger one is an error to SQLite, not a row that is missing.


class MutedWordSerializer(serializers.ModelSerializer[MutedWord]):
    class Meta:
        model = MutedWord
        fields = ("id", "word", "until", "created_at")
        read_only_fields = fields


class NewMutedWordSerializer(serializers.Serializer[MutedWord]):
    # `muted_words.add` refuses far shorter ones, with a code and a sentence of its own.
    word = LineField(max_length=1000, help_text="A word, a phrase or a #hashtag.")
    lasts = serializers.ChoiceField(
        [(name, name) for name in muted_words.TIMES_S], default="forever"
    )


class MutedWordsView(APIView):
    @extend_schema(responses=MutedWordSerializer(many=True))
    def get(self, request: Request) -> Response:
        """All of the caller's, in their order."""
        words = MutedWord.objects.in_force().filter(owner=known_caller(request))
        return Response(MutedWordSerializer(words, many=True).data)

    @extend_schema(request=NewMutedWordSerializer, responses={201: MutedWordSerializer})
    def post(self, request: Request) -> Response:
        """Mute a word; one that is muted already gets the new time."""
        count(request, "settings")
        form = NewMutedWordSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        word = muted_words.add(
            known_caller(request), form.validated_data["word"], form.validated_data["lasts"]
        )
        return Response(MutedWordSerializer(word).data, status=status.HTTP_201_CREATED)


class MutedWordView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        me = known_caller(request)
        if pk > ID_MAX or not MutedWord.objects.filter(owner=me, pk=pk).exists():
            raise NotFound
        muted_words.remove(me, pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class HiddenView(generics.ListAPIView[User]):
    """People the caller blocked, or muted.

    Also who is away: the caller may lift it at any time, and it holds again when they come back.
    """

    serializer_class = AccountBriefSerializer
    queryset = User.objects.none()  # For the schema; each request has its own.
    by = "blocks_received__blocker"

    def get_queryset(self) -> UserQuerySet:
        # Not `visible_to`, which leaves out those on either side of a block, and who is away.
        people: UserQuerySet = User.objects.filter(**{self.by: known_caller(self.request)})
        return people


class FollowerView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, handle: str) -> Response:
        """Make somebody stop following the caller; they are not told."""
        count(request, "follow")
        relationships.remove_follower(known_caller(request), person_or_404(handle))
        return Response(status=status.HTTP_204_NO_CONTENT)


class NewReportSerializer(serializers.Serializer[Report]):
    kind = serializers.ChoiceField(choices=[], help_text="What `id` is an id of.")
    id = serializers.IntegerField(min_value=1, max_value=ID_MAX)
    reason = serializers.ChoiceField(Report.Reason.choices)
    text = LinesField(max_length=TEXT_CHARS, allow_blank=True, default="")

    def __init__(self, *args: object, **kwargs: object) -> None:
        """The kinds are those that the apps declare as reportable."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # What a serializer takes.
        self.fields["kind"] = serializers.ChoiceField(registry.reportable_kinds())


class ReportsView(APIView):
    @extend_schema(request=NewReportSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Report something to the staff. A second time, while the first is open, is no more."""
        count(request, "report")
        form = NewReportSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wanted = form.validated_data
        try:
            reports.report(
                known_caller(request),
                wanted["kind"],
                wanted["id"],
                Report.Reason(wanted["reason"]),
                wanted["text"],
            )
        except Http404 as error:
            raise NotFound from error
        return Response(status=status.HTTP_204_NO_CONTENT)

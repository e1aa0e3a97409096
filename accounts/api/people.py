"""Accounts: the caller's own, others' profiles and lists, and the verbs between people."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import NotFound, PermissionDenied, Throttled
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.serializers import (
    AccountBriefSerializer,
    AccountSerializer,
    OwnAccountSerializer,
    ProfileFactsSerializer,
)
from accounts.models import Follow, User
from accounts.models.user import UserQuerySet
from accounts.services import relationships
from accounts.services.profile_facts import facts_of
from accounts.services.profiles import save_privacy, save_profile
from config.http import rate_limits

Verb = Callable[[User, User], None]
# Changed on the site alone, behind a fresh log-in.
LOG_IN_FIELDS = frozenset({"handle", "email", "password"})


class NeedsFreshLogIn(PermissionDenied):
    default_detail = _("This is changed on the site, after a fresh log-in.")
    default_code = "fresh_log_in"


def caller(request: Request) -> User | None:
    """Return who asks, or None for a visitor."""
    return request.user if isinstance(request.user, User) else None


def known_caller(request: Request) -> User:
    """Return who asks, for views that require a log-in."""
    if not isinstance(request.user, User):
        raise TypeError("The view lacks IsAuthenticated.")
    return request.user


def count(request: Request, *names: str) -> None:
    """Raise Throttled if the caller is over one of the rates."""
    who = rate_limits.who_asks(request)
    name = rate_limits.exceeded(names, who)
    if name:
        raise Throttled(wait=rate_limits.wait_s(name, who))


def person_or_404(handle: str) -> User:
    """Return the person. Raises NotFound, as for nobody, for who is away."""
    return _first(User.objects.not_away().by_handle(handle))


def _first(people: UserQuerySet) -> User:
    found: User | None = people.first()
    if found is None:
        raise NotFound
    return found


class OwnAccountView(generics.RetrieveUpdateAPIView[User]):
    """The caller's own account."""

    serializer_class = OwnAccountSerializer
    http_method_names = ["get", "patch", "head", "options"]

    def get_object(self) -> User:
        me: User = User.objects.get(pk=self.request.user.pk)
        return me

    def update(self, request: Request, *args: object, **kwargs: object) -> Response:
        """A token, or a browser somebody borrowed, must not be enough to take the account."""
        me = self.get_object()
        sent = request.data if isinstance(request.data, Mapping) else {}
        # What was read may be sent back.
        if any(sent[name] != getattr(me, name) for name in LOG_IN_FIELDS & set(sent)):
            raise NeedsFreshLogIn
        return super().update(request, *args, **kwargs)

    # override: our own serializer.
    def perform_update(self, serializer: OwnAccountSerializer) -> None:  # type: ignore[override]
        person = self.get_object()
        for name, value in serializer.validated_data.items():
            setattr(person, name, value)
        # As the pages do, so that leaving "protected" approves the requests that wait.
        save_profile(person, [])
        save_privacy(person)
        serializer.instance = person


class AccountView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(responses=AccountSerializer)
    def get(self, request: Request, handle: str) -> Response:
        """A profile. To a caller whom the person blocked it is not there."""
        person = person_or_404(handle)
        facts = facts_of(caller(request), person)
        # "blocking" is shown: the caller must be able to undo it.
        if facts.relation == "blocked":
            raise NotFound
        person.standing = facts  # type: ignore[attr-defined]  # For the serializer alone.
        return Response(AccountSerializer(person).data)


class PeopleListView(generics.ListAPIView[User]):
    """A list of people beside a profile; a protected account's lists are for its followers."""

    permission_classes = [AllowAny]
    serializer_class = AccountBriefSerializer
    queryset = User.objects.none()  # For the schema; each request has its own.
    side = "followers"

    def get_queryset(self) -> UserQuerySet:
        viewer = caller(self.request)
        person = person_or_404(self.kwargs["handle"])
        relation = relationships.relation(viewer, person)
        if relation in {"blocked", "blocking"}:
            raise NotFound
        if person.is_protected and relation not in {"self", "following"}:
            raise NotFound
        people: UserQuerySet = User.objects.visible_to(viewer)
        if self.side == "followers":
            return people.filter(pk__in=Follow.objects.filter(followed=person).values("follower"))
        return people.filter(pk__in=Follow.objects.filter(follower=person).values("followed"))


class VerbView(APIView):
    """`PUT` does it, `DELETE` undoes it; both may be repeated.

    Answers how the caller now stands to the person.
    """

    turn_on: Verb
    turn_off: Verb

    @extend_schema(request=None, responses=ProfileFactsSerializer)
    def put(self, request: Request, handle: str) -> Response:
        count(request, "follow")
        return self._apply(request, person_or_404(handle), type(self).turn_on)

    @extend_schema(request=None, responses=ProfileFactsSerializer)
    def delete(self, request: Request, handle: str) -> Response:
        count(request, "follow")
        return self._apply(request, person_or_404(handle), type(self).turn_off)

    def _apply(self, request: Request, person: User, verb: Verb) -> Response:
        me = known_caller(request)
        verb(me, person)
        return Response(ProfileFactsSerializer(facts_of(me, person)).data)


class FollowView(VerbView):
    turn_on = staticmethod(relationships.follow)
    turn_off = staticmethod(relationships.unfollow)


class HidingView(VerbView):
    """A verb that may be undone also while the person is away."""

    @extend_schema(request=None, responses=ProfileFactsSerializer)
    def delete(self, request: Request, handle: str) -> Response:
        count(request, "follow")
        hidden = relationships.here_or_hidden_by(known_caller(request))
        return self._apply(request, _first(hidden.by_handle(handle)), type(self).turn_off)


class BlockView(HidingView):
    turn_on = staticmethod(relationships.block)
    turn_off = staticmethod(relationships.unblock)


class MuteView(HidingView):
    turn_on = staticmethod(relationships.mute)
    turn_off = staticmethod(relationships.unmute)


class FollowRequestsView(generics.ListAPIView[User]):
    """Who asks to follow the caller."""

    permission_classes = [IsAuthenticated]
    serializer_class = AccountBriefSerializer
    queryset = User.objects.none()  # For the schema; each request has its own.

    def get_queryset(self) -> UserQuerySet:
        me = known_caller(self.request)
        people: UserQuerySet = User.objects.visible_to(me).filter(follow_requests_made__followed=me)
        return people


class FollowRequestView(APIView):
    """`PUT` lets the person follow the caller, `DELETE` declines."""

    @extend_schema(request=None, responses={204: None})
    def put(self, request: Request, handle: str) -> Response:
        relationships.approve(known_caller(request), person_or_404(handle))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, handle: str) -> Response:
        relationships.decline(known_caller(request), person_or_404(handle))
        return Response(status=status.HTTP_204_NO_CONTENT)

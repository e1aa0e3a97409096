"""Login for programs: a knox token a device, hashed in the database, revocable, with an end."""

from drf_spectacular.utils import extend_schema
from knox.models import get_token_model
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.serializers import LogInSerializer, TokenSerializer
from config.http import rate_limits

NAME_CHARS = 254  # The longest e-mail address (RFC 5321 §4.5.3.1.3).


class TokenView(APIView):
    """`POST` logs in, `DELETE` logs this token out."""

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.request.method == "POST" else [IsAuthenticated()]

    @extend_schema(request=LogInSerializer, responses={201: TokenSerializer}, auth=[])
    def post(self, request: Request) -> Response:
        # The body may be any JSON; what is no object has no handle, and fails below.
        fields = request.data if isinstance(request.data, dict) else {}
        name = str(fields.get("handle", ""))[:NAME_CHARS].lower()
        # By account too: many addresses must not get more guesses at one password.
        for who in (f"ip:{rate_limits.address_of(request._request)}", f"name:{name}"):
            if not rate_limits.hit("token", who):
                raise Throttled(wait=rate_limits.wait_s("token", who))
        form = LogInSerializer(data=request.data, context={"request": request._request})
        form.is_valid(raise_exception=True)
        user = form.validated_data["user"]
        row, token = get_token_model().objects.create(user=user)
        return Response(
            TokenSerializer({"token": token, "expiry": row.expiry, "user": user}).data, status=201
        )

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Does nothing for a caller who came with a browser session; those log out on the site."""
        if request.auth is not None:
            request.auth.delete()
        return Response(status=204)

"""Login for programs: a knox token a device, hashed in the database, revocable, with an end."""

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.serializers import LogInSerializer, TokenSerializer
from accounts.services import api_tokens
from config.http import rate_limits
from config.rest import throttling


class TokenView(APIView):
    """`POST` logs in, `DELETE` logs this token out."""

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.request.method == "POST" else [IsAuthenticated()]

    @extend_schema(request=LogInSerializer, responses={201: TokenSerializer}, auth=[])
    def post(self, request: Request) -> Response:
        throttling.count("token", rate_limits.where_from(request._request))
        form = LogInSerializer(data=request.data, context={"request": request._request})
        form.is_valid(raise_exception=True)
        user = form.validated_data["user"]
        issued = api_tokens.issue(user)
        if issued is None:
            raise LogInSerializer.does_not_fit()
        row, token = issued
        return Response(
            TokenSerializer({"token": token, "expiry": row.expiry, "user": user}).data, status=201
        )

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Does nothing for a caller who came with a browser session; those log out on the site."""
        if request.auth is not None:
            request.auth.delete()
        return Response(status=204)

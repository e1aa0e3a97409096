"""Users and their alerts as JSON."""

from allauth.account.adapter import get_adapter
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import Throttled

from accounts.models import Notification, User
from accounts.notifications.notify import Alert
from accounts.services import guesses, login_names, second_factor
from accounts.services.profile_facts import ProfileFacts
from config.http import rate_limits
from config.limits import LIMITS
from config.rest.text_fields import LineField, LinesField


class AccountBriefSerializer(serializers.ModelSerializer[User]):
    """A person as they stand beside what they wrote."""

    name = serializers.CharField(read_only=True)
    avatar = serializers.CharField(source="avatar_url", read_only=True)
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = User
        fields = ("id", "handle", "name", "avatar", "url")


@extend_schema_serializer(component_name="Standing")  # What clients know it by.
class ProfileFactsSerializer(serializers.Serializer[ProfileFacts]):
    """How the caller stands to the person."""

    relation = serializers.ChoiceField(
        choices=["self", "none", "requested", "following", "blocking", "blocked"], read_only=True
    )
    follows_viewer = serializers.BooleanField(read_only=True)
    is_muted = serializers.BooleanField(read_only=True)
    following_count = serializers.IntegerField(read_only=True)
    follower_count = serializers.IntegerField(read_only=True)


class AccountSerializer(AccountBriefSerializer):
    """A profile. `standing` is None in lists."""

    standing = ProfileFactsSerializer(read_only=True, required=False)

    class Meta(AccountBriefSerializer.Meta):
        fields = (  # type: ignore[assignment]  # A longer tuple.
            *AccountBriefSerializer.Meta.fields,
            "bio",
            "is_protected",
            "date_joined",
            "standing",
        )


class OwnAccountSerializer(AccountBriefSerializer):
    """One's own account, with what only its owner sees and may change."""

    display_name = LineField(max_length=LIMITS.display_name_chars, allow_blank=True)
    bio = LinesField(max_length=LIMITS.bio_chars, allow_blank=True)

    class Meta(AccountBriefSerializer.Meta):
        fields = (  # type: ignore[assignment]  # A longer tuple.
            *AccountBriefSerializer.Meta.fields,
            "display_name",
            "bio",
            "email",
            "is_protected",
            "direct_messages_from",
            "language",
            "time_zone",
        )
        # The e-mail address is changed on the site alone, by a mailed code.
        read_only_fields = ("handle", "email", "language", "time_zone")


class LogInSerializer(serializers.Serializer[User]):
    handle = serializers.CharField(max_length=254, help_text="The handle or the e-mail address.")
    password = serializers.CharField(
        max_length=1024, trim_whitespace=False, style={"input_type": "password"}
    )
    code = serializers.CharField(
        max_length=32, required=False, help_text="For accounts with a second factor."
    )

    def validate(self, attrs: dict[str, str]) -> dict[str, object]:
        """Return {"user": User}. Raises Throttled.

        An unknown account, a wrong password and a suspension get the same answer, so that nobody
        learns from it which accounts there are.
        """
        name = login_names.cleaned(attrs["handle"])
        # No handle has an "@" (`accounts.models.user.HANDLE`).
        credentials = {"email": name} if "@" in name else {"username": name}
        request = self.context["request"]
        try:
            # As the log-in page does: many networks must not get more guesses at one password.
            user = get_adapter(request).authenticate(
                request, password=attrs["password"], **credentials
            )
        except ValidationError as error:
            who = login_names.counted_as(name)
            raise Throttled(wait=rate_limits.wait_s("password", who)) from error
        if not isinstance(user, User) or user.is_away:
            raise self.does_not_fit()
        # The login page asks for the mailed code first (ACCOUNT_EMAIL_VERIFICATION).
        if second_factor.has_unverified_address(user):
            raise self.does_not_fit()
        self._check_code(user, attrs.get("code", ""))
        return {"user": user}

    @staticmethod
    def _check_code(user: User, code: str) -> None:
        try:
            is_satisfied = second_factor.is_satisfied(user, code)
        except guesses.TooManyGuesses as error:
            raise Throttled(wait=error.wait_s) from error
        if not is_satisfied:
            raise serializers.ValidationError(
                _("This account needs a code of its second factor."), code="second_factor"
            )

    @staticmethod
    def does_not_fit() -> serializers.ValidationError:
        return serializers.ValidationError(_("Handle and password do not fit."), code="log_in")


class TokenSerializer(serializers.Serializer[dict[str, object]]):
    token = serializers.CharField(
        help_text="Send it as `Authorization: Token …`. It is shown once."
    )
    expiry = serializers.DateTimeField()
    user = AccountBriefSerializer()


class NotificationSerializer(serializers.Serializer[Alert]):
    """One line of the alerts: those who did the same thing to the same target, newest first."""

    id = serializers.IntegerField(source="newest.pk")
    kind = serializers.ChoiceField(choices=Notification.Kind.choices)
    people = AccountBriefSerializer(many=True, help_text="The newest three.")
    more = serializers.IntegerField(help_text="How many besides the first.")
    url = serializers.CharField(source="target.url", default="")
    text = serializers.CharField(source="target.text", default="")
    is_new = serializers.BooleanField()
    created_at = serializers.DateTimeField(source="newest.created_at")

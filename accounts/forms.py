"""Forms of a user's own account: sign-up, profile, privacy, language and time zone."""

import zoneinfo
from pathlib import Path
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import pictures
from accounts.models import User
from config.http.text_fields import LineField, LinesField
from config.limits import LIMITS


class SignupFields(forms.Form):
    """Fields that allauth's sign-up form gains. `time_zone` is filled in by static/js/signup.js."""

    field_order = ["display_name", "username", "email", "password1"]
    display_name = LineField(
        label=_("Name"),
        max_length=LIMITS.display_name_chars,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("The name people see. You can change it at any time."),
    )
    time_zone = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def clean_time_zone(self) -> str:
        """Return the zone; UTC for one that this machine does not know, which is no error."""
        zone: str = self.cleaned_data["time_zone"]
        return zone if zone in zoneinfo.available_timezones() else "UTC"

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the account is made."""
        user.display_name = self.cleaned_data["display_name"]
        user.time_zone = self.cleaned_data["time_zone"]
        user.language = getattr(request, "LANGUAGE_CODE", "")[:8]  # As long as its column.
        user.save(update_fields=["display_name", "time_zone", "language"])


_STANDS_STILL = _("JPEG, PNG, WebP or GIF. One that moves stands still here.")


class ProfileForm(forms.ModelForm[User]):
    display_name = LineField(label=_("Name"), max_length=LIMITS.display_name_chars, required=False)
    bio = LinesField(
        label=_("Bio"),
        max_length=LIMITS.bio_chars,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    avatar_file = forms.FileField(
        label=_("Picture"),
        required=False,
        widget=forms.FileInput(attrs=pictures.field_attributes()),
        help_text=_STANDS_STILL,
    )
    header_file = forms.FileField(
        label=_("Header"),
        required=False,
        widget=forms.FileInput(attrs=pictures.field_attributes()),
        help_text=_STANDS_STILL,
    )
    remove_avatar = forms.BooleanField(label=_("Remove the picture"), required=False)
    remove_header = forms.BooleanField(label=_("Remove the header"), required=False)

    class Meta:
        model = User
        fields = ("display_name", "bio")

    def clean_avatar_file(self) -> bytes | None:
        return picture_of(self.cleaned_data["avatar_file"], pictures.AVATAR)

    def clean_header_file(self) -> bytes | None:
        return picture_of(self.cleaned_data["header_file"], pictures.HEADER)


# Any: the stubs ask for it.
def picture_of(upload: UploadedFile[Any] | None, shape: pictures.PictureShape) -> bytes | None:
    """Return the upload as WebP of this shape.

    Raises ValidationError with a sentence for anything else.
    """
    if not upload:
        return None
    try:
        if not upload.size or upload.size > LIMITS.picture_bytes:
            raise pictures.UnusablePicture("too_big")
        if isinstance(upload, TemporaryUploadedFile):  # A large one is on disk, and stays there.
            with Path(upload.temporary_file_path()).open("rb") as file:
                return pictures.reencode_file(file, shape)
        return pictures.reencode(upload.read(), shape)
    except pictures.UnusablePicture as error:
        raise ValidationError(str(error), code=error.code) from error


class PrivacyForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ("is_protected", "direct_messages_from")
        widgets: ClassVar[dict[str, forms.Widget]] = {"direct_messages_from": forms.RadioSelect()}
        labels: ClassVar[dict[str, Any]] = {  # Any: lazy texts.
            "is_protected": _("Protected account"),
            "direct_messages_from": _("Who may message me"),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "is_protected": _(
                "You accept each follower, and only they see your posts. You cannot host a Space."
            ),
            "direct_messages_from": _(
                "Strangers land in Requests. For “Nobody”, answers to your Fleets are off too."
            ),
        }


class PreferencesForm(forms.ModelForm[User]):
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"))

    class Meta:
        model = User
        fields = ("language", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: passed through to Django.
        super().__init__(*args, **kwargs)
        languages = self.fields["language"]
        zones = self.fields["time_zone"]
        if isinstance(languages, forms.ChoiceField) and isinstance(zones, forms.ChoiceField):
            languages.choices = [("", _("As the browser asks")), *_NATIVE_NAMES]
            zones.choices = [
                (zone, zone.replace("_", " ")) for zone in sorted(zoneinfo.available_timezones())
            ]


_NATIVE_NAMES = [
    (code, {"en": "English", "id": "Bahasa Indonesia"}.get(code, str(name)))
    for code, name in settings.LANGUAGES
]

"""Every field that takes people's words cleans them by `config.text`; a new one cannot forget it.

What is no words of people is named here with the reason. Whoever adds a text field either uses one
of the `LineField`s and `LinesField`s, or writes down here what it is instead.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from typing import Any, get_type_hints

from django import forms
from django.apps import apps
from django.db import models
from drf_spectacular.generators import SchemaGenerator
from rest_framework import serializers

import accounts
import config
import posts
import spaces
from accounts.realtime.messages import FromPage
from config.db import text_fields as columns
from config.http import text_fields as form_fields
from config.rest import text_fields as rest_fields
from spaces.protocol import Query
from spaces.rooms.commands import RoomCommand

OURS = (accounts, posts, spaces, config)
NAMES_OF_OURS = {package.__name__ for package in OURS}

# --- what is not people's words, and what it is instead ---------------------------------------------

HANDLE = "a handle: its pattern allows letters, digits and _"
CHOICE = "one of the words of our own source"
PLACE = "an address or a file name that we make"
SECRET = "a random key of ours"
COPY = "composed of columns that were cleaned when they were saved"
ZONE = "checked against the zones that this machine knows"
LANGUAGE = "checked against the languages of the site, or what Django negotiated"
FOLDED = "made from a cleaned text, for comparing"

COLUMNS = {
    "accounts.Decision.actor_handle": HANDLE,
    "accounts.Decision.person_handle": HANDLE,
    "accounts.Decision.reason": CHOICE,
    "accounts.Decision.target_kind": CHOICE,
    "accounts.Decision.target_text": COPY,
    "accounts.Delivery.error": "what a mail server or a push service answered, for staff",
    "accounts.Delivery.key": "a key of ours",
    "accounts.Delivery.kind": CHOICE,
    "accounts.Delivery.target_kind": CHOICE,
    "accounts.MutedWord.folded": FOLDED,
    "accounts.Notification.target_kind": CHOICE,
    "accounts.NotificationPreferences.changed": "names of topics and channels, and switches",
    "accounts.PushSubscription.auth": "a key that a browser makes",
    "accounts.PushSubscription.endpoint": "an address that a browser makes, checked",
    "accounts.PushSubscription.p256dh": "a key that a browser makes",
    "accounts.PushSubscription.session_key": SECRET,
    "accounts.PushSubscription.user_agent": "a header of HTTP, which has no control characters",
    "accounts.Report.evidence": COPY,
    "accounts.Report.target_kind": CHOICE,
    "accounts.Report.target_text": COPY,
    "accounts.Report.target_url": PLACE,
    "accounts.RestingHandle.handle": HANDLE,
    "accounts.SecurityLetter.address": "an address: Django's validator",
    "accounts.SecurityLetter.detail": "an address or a handle, from columns that hold such",
    "accounts.SecurityLetter.user_agent": "a header of HTTP, which has no control characters",
    "accounts.User.drawn_portrait": PLACE,
    "accounts.User.email": "an address: Django's validator",
    "accounts.User.handle": HANDLE,
    "accounts.User.language": LANGUAGE,
    "accounts.User.password": "a hash",
    "accounts.User.time_zone": ZONE,
    "posts.Conversation.pair": "two ids",
    "posts.Draft.fields": "cleaned by posts/services/drafts.py: a column of JSON cannot",
    "posts.Hashtag.name": FOLDED,
    "posts.Hashtag.shown": "a part of a cleaned text",
    "posts.Message.token": "checked by a pattern of letters, digits and -",
    "posts.Trend.name": FOLDED,
    "posts.Trend.shown": "a part of a cleaned text",
    "posts.VoiceClip.language": LANGUAGE,
    "posts.VoiceClip.reason": CHOICE,
    "posts.VoiceClip.waveform": "numbers",
    "spaces.AuditEntry.action": CHOICE,
    "spaces.AuditEntry.actor_handle": HANDLE,
    "spaces.AuditEntry.actor_role": CHOICE,
    "spaces.AuditEntry.detail": COPY,
    "spaces.AuditEntry.target_handle": HANDLE,
    "spaces.CalendarFeed.secret": SECRET,
    "spaces.Clip.public_id": SECRET,
    "spaces.Recording.chapters": COPY,
    "spaces.Recording.failure": CHOICE,
    "spaces.Recording.folder": PLACE,
    "spaces.Recording.pins": COPY,
    "spaces.Recording.sizes": "numbers by the names of our files",
    "spaces.Seat.interrupted": CHOICE,
    "spaces.Seat.page": "a random word of a page, compared and never shown",
    "spaces.Space.language": LANGUAGE,
    "spaces.Space.public_id": SECRET,
    "spaces.Space.time_zone": ZONE,
    "spaces.Space.wall_time": "a time in ISO 8601 that we write",
    "spaces.Topic.key": FOLDED,
}

# Of allauth, too, whose forms people fill in here.
FORM_FIELDS = {
    "accounts.admin.NewPersonForm.handle": HANDLE,
    "accounts.admin.NewPersonForm.password1": "a password stays as it is typed",
    "accounts.admin.NewPersonForm.password2": "a password stays as it is typed",
    "accounts.admin.PersonForm.handle": HANDLE,
    "accounts.admin.PersonForm.password": "a hash, shown and not read",
    "accounts.allauth_forms.AddWebAuthnForm.credential": "what a browser makes, checked by its key",
    "accounts.allauth_forms.AuthenticateForm.code": "compared with the codes of the second factor",
    "accounts.allauth_forms.CodeAloneForm.code": "compared with the codes of the second factor",
    "accounts.allauth_forms.ReauthenticateForm.password": "a password stays as it is typed",
    "accounts.allauth_forms.LoginForm.password": "a password stays as it is typed",
    "accounts.allauth_forms.SignupForm.time_zone": ZONE,
    "accounts.allauth_forms.SignupForm.username": HANDLE,
    "accounts.forms.SignupFields.time_zone": ZONE,
    "accounts.views.account_deletion.LeaveForm.handle": "compared with the handle, not kept",
    "spaces.forms.SpaceForm.topics": "cleaned one by one by spaces/services/scheduling.py",
}
# What the forms of others ask for; none of it is a text that is shown.
FORM_FIELDS_OF_OTHERS = {
    *("code", "credential", "key", "oldpassword", "password", "password1", "password2", "uidb36"),
}
FORMS_NOT_SHOWN = {"SignupWebAuthnForm": "MFA_PASSKEY_SIGNUP_ENABLED is off"}

SERIALIZER_FIELDS = {
    "ActionSerializer.reason": "documentation: read as a message of the room, below",
    "ActionSerializer.title": "documentation: read as a message of the room, below",
    "ActionSerializer.url": "documentation: read as a message of the room, below",
    "ChangeSerializer.language": LANGUAGE,
    "ChangeSerializer.time_zone": ZONE,
    "DraftSerializer.language": LANGUAGE,
    "DraftSerializer.time_zone": ZONE,
    "LogInSerializer.code": "compared with a code, not kept",
    "LogInSerializer.handle": "looked up, not kept",
    "LogInSerializer.password": "a password stays as it is typed",
    "NewGroupSerializer.people": HANDLE,
    "NewMessageSerializer.token": "checked by a pattern of letters, digits and -",
}

# Cleaned by the rules of the room: spaces/rooms/titles.py and spaces/rooms/rules/queue.py.
WORDS_OF_MESSAGES = {"EditSpace.title", "RequestToSpeak.reason", "UpdateRoom.title"}
MESSAGE_FIELDS = {
    "AddPin.url": "looked up as the address of a post, not kept",
    "AnswerMedia.peer": "compared with the names of the relay",
    "AnswerMedia.sdp": "for the relay, which parses it",
    "EditSpace.language": LANGUAGE,
    "EditSpace.topics": "names of rows, cleaned by spaces/services/scheduling.py",
    "Join.page": "a random word of a page, compared and never shown",
    "LoseLogin.page": "a random word of a page, compared and never shown",
    "MoveSpace.time_zone": ZONE,
    "SendReaction.emoji": CHOICE,
}


# --- the walk ---------------------------------------------------------------------------------------


@cache
def load_everything() -> None:
    """Import every module of ours, so that Python knows every class."""
    for package in OURS:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith((".__main__", ".asgi")):
                importlib.import_module(module.name)


def below(base: type) -> set[type]:
    load_everything()
    found: set[type] = set(base.__subclasses__())
    return found.union(*map(below, found))


def is_ours(cls: type) -> bool:
    return cls.__module__.split(".")[0] in NAMES_OF_OURS


def test_it_cleans_every_column_of_words() -> None:
    kinds = (models.CharField, models.TextField, models.JSONField)
    words = (columns.LineField, columns.LinesField)
    others = {
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model in filter(is_ours, apps.get_models())
        if not model._meta.proxy  # Its columns are those of another model.
        for field in model._meta.get_fields()
        if isinstance(field, kinds) and not isinstance(field, words) and not field.choices
    }
    assert others == COLUMNS.keys()


def test_it_cleans_every_field_of_a_form() -> None:
    all_forms = below(forms.BaseForm)
    ours = set(filter(is_ours, all_forms))
    others = {name for form in ours for name in _uncleaned(form)}
    assert others == FORM_FIELDS.keys()
    # Django's own are those of its admin, which no view of ours shows, or parents of others; tests
    # make forms, too.
    left_out = {"django", "tests"}
    foreign = {one for one in all_forms - ours if one.__module__.split(".")[0] not in left_out}
    in_use = [one for one in foreign if not any(issubclass(mine, one) for mine in ours)]
    asked = {
        name.rpartition(".")[2]
        for form in in_use
        if form.__name__ not in FORMS_NOT_SHOWN
        for name in _uncleaned(form)
    }
    assert asked <= FORM_FIELDS_OF_OTHERS


def _uncleaned(form: type) -> Iterator[str]:
    words = (form_fields.LineField, form_fields.LinesField)
    no_text = (
        *(forms.BooleanField, forms.ChoiceField, forms.DateField, forms.DateTimeField),
        *(forms.EmailField, forms.FileField, forms.IntegerField, forms.TimeField),
    )
    fields: dict[str, forms.Field] = getattr(form, "base_fields", {})
    for name, field in fields.items():
        if not isinstance(field, (*words, *no_text)):
            yield f"{form.__module__}.{form.__name__}.{name}"


def test_it_cleans_every_field_of_the_api() -> None:
    words = (rest_fields.LineField, rest_fields.LinesField)
    no_text = (
        *(serializers.BooleanField, serializers.ChoiceField, serializers.DateTimeField),
        *(serializers.FileField, serializers.IntegerField),
    )
    others = {
        name
        for serializer in request_serializers()
        for name, field in writable_fields(serializer)
        if not isinstance(field, (*words, *no_text))
    }
    assert others == SERIALIZER_FIELDS.keys()


def request_serializers() -> list[serializers.BaseSerializer[Any]]:
    """Return what the operations of the API take, as the schema documents it."""
    untyped: Any = SchemaGenerator
    generator = untyped()
    generator._initialise_endpoints()
    found = []
    for path, path_regex, method, view in generator._get_paths_and_endpoints():
        schema = view.schema
        schema.path, schema.path_regex, schema.method = path, path_regex, method
        if method in ("POST", "PUT", "PATCH"):
            taken = schema.get_request_serializer()
            found.append(taken() if isinstance(taken, type) else taken)
    return [one for one in found if one is not None]


# Any: fields of any kind.
def writable_fields(serializer: Any) -> Iterator[tuple[str, serializers.Field[Any, Any, Any, Any]]]:
    for name, field in serializer.fields.items():
        leaf = field.child if isinstance(field, serializers.ListField) else field
        if isinstance(leaf, serializers.Serializer):
            yield from writable_fields(leaf)
        elif not field.read_only:
            yield f"{type(serializer).__name__}.{name}", leaf


def test_it_cleans_every_text_that_comes_over_a_socket() -> None:
    texts = {
        f"{message.__name__}.{name}"
        for base in (Query, RoomCommand, FromPage)
        for message in below(base)
        for name, hint in get_type_hints(message, include_extras=True).items()
        # A choice is an enumeration, and a hint of a constant is no field.
        if "str" in str(hint) and "ClassVar" not in str(hint)
    }
    assert texts == WORDS_OF_MESSAGES | MESSAGE_FIELDS.keys()

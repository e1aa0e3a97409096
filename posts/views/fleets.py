"""Fleets: the page that steps through them, the form, the pictures, the replies."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import pictures
from accounts.forms import picture_of
from accounts.models import User
from accounts.token_access import readable_with_token
from accounts.views.responses import empty, is_fragment, me, viewer_of, with_toast, with_visit
from config.db import best_effort
from config.http.rate_limits import limited, limited_posts
from config.http.text_fields import LinesField
from config.limits import LIMITS
from config.rendering.durations import in_words
from config.text import isolated
from posts import text
from posts.models import Fleet
from posts.models.attachment import ALT_CHARS
from posts.services import fleet_replies, fleet_row, fleets, mentions
from posts.services.posting import Picture
from posts.views.pictures import file_response, still_response


@dataclass(frozen=True)
class Slide:
    """One Fleet as the page of a person's Fleets shows it."""

    fleet: Fleet
    html: SafeString
    number: int
    is_first_shown: bool
    seen_count: int


def fleet_or_404(request: HttpRequest, pk: int) -> Fleet:
    """Return the Fleet if the viewer may see it.

    The answer is the same for a hidden one, one that is over and none.
    """
    visible = Fleet.objects.visible_to(viewer_of(request)).select_related("author")
    fleet = visible.filter(pk=pk).first()
    if fleet is None:
        raise Http404("No such Fleet for this viewer.")
    return fleet


@require_safe
def of_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything a person has up, beginning with what the viewer has not seen."""
    person = get_object_or_404(User.objects.visible_to(viewer_of(request)), pk=pk)
    return _slides_page(request, person, None)


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The same, beginning with this Fleet: for cards and for the steps without JavaScript."""
    return _slides_page(request, fleet_or_404(request, pk).author, pk)


def _slides_page(request: HttpRequest, person: User, first: int | None) -> HttpResponse:
    viewer = viewer_of(request)
    visible = Fleet.objects.visible_to(viewer).filter(author=person)
    found = list(visible.with_seen_by(viewer).with_seen_count(viewer).order_by("id"))
    if not found:
        raise Http404("No Fleets for this viewer.")
    # The place of the Fleet that is shown first; of the oldest, if all have been seen.
    at = 0
    for place, fleet in enumerate(found):
        if fleet.pk == first or (first is None and not vars(fleet)["is_seen"]):
            at = place
            break
    meant = mentions.meant_in(fleet.text for fleet in found)
    slides = []
    for place, fleet in enumerate(found):
        html = text.render(fleet.text, meant.at(fleet.created_at))
        slides.append(Slide(fleet, html, place + 1, place == at, vars(fleet)["seen_count"]))
    # Asked before this Fleet counts as seen: that must not change who comes next.
    navigation = fleet_row.navigation_for(viewer, person)
    best_effort.note(fleets.mark_seen, viewer, found[at])
    context = {
        "person": person,
        "slides": slides,
        "at": at + 1,
        "before": found[at - 1] if at else None,
        "after": found[at + 1] if at + 1 < len(found) else None,
        "navigation": navigation,
        "is_mine": viewer is not None and viewer.pk == person.pk,
        "may_reply": fleet_replies.may_reply(viewer, person),
        "reactions": fleet_replies.REACTIONS,
        "reply_chars": fleet_replies.REPLY_CHARS,
    }
    return render(request, "posts/fleet.html", context)


class FleetForm(forms.Form):
    # Too long texts are refused by the service, whose sentence says how long they are. This only
    # bounds what is looked at.
    text = LinesField(
        label=gettext_lazy("Text"),
        required=False,
        max_length=LIMITS.fleet_chars * 4,
        widget=forms.Textarea(
            attrs={"rows": 4, "dir": "auto", "data-max-chars": LIMITS.fleet_chars}
        ),
    )
    picture = forms.FileField(
        label=gettext_lazy("Picture"),
        required=False,
        widget=forms.FileInput(attrs={**pictures.field_attributes(), "data-fleet-file": ""}),
    )
    alt = LinesField(
        label=gettext_lazy("What is in the picture?"),
        required=False,
        max_length=ALT_CHARS,
        help_text=gettext_lazy("For people who cannot see it."),
    )
    audience = forms.ChoiceField(
        label=gettext_lazy("Who sees it"),
        choices=Fleet.Audience.choices,
        initial=Fleet.Audience.PUBLIC,
        widget=forms.RadioSelect,
    )

    def clean_picture(self) -> bytes | None:
        # Any: the stubs ask for it.
        upload: UploadedFile[Any] | None = self.cleaned_data["picture"]
        return picture_of(upload, pictures.PHOTO)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@limited_posts("fleet")
def new(request: HttpRequest) -> HttpResponse:
    author = me(request)
    if request.method != "POST":
        return render(request, "posts/fleet_new.html", {"form": _form(author)})
    form = _form(author, request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "posts/fleet_new.html", {"form": form}, status=422)
    data = form.cleaned_data
    picture = Picture(data["picture"], data["alt"]) if data["picture"] else None
    try:
        fleets.publish(author, data["text"], picture, Fleet.Audience(data["audience"]))
    except ValidationError as error:
        form.add_error("text", error)
        return render(request, "posts/fleet_new.html", {"form": form}, status=422)
    done = _("Your Fleet is up for %(time)s.") % {"time": in_words(LIMITS.fleet_life_s)}
    messages.success(request, done)
    return redirect("posts:home")


def _form(author: User, *args: Any) -> FleetForm:  # Any: what a form takes.
    form = FleetForm(*args)
    if author.is_protected:  # Their posts are for followers, whatever they choose here.
        form.initial["audience"] = Fleet.Audience.FOLLOWERS
        help_text = _("Your account is protected: only your followers see it.")
        form.fields["audience"].help_text = help_text
    return form


@readable_with_token
@require_safe
def picture(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The picture, for those who may see the Fleet at this moment.

    Browsers may not store it: access may end at any time.
    """
    fleet = fleet_or_404(request, pk)
    if not fleet.picture:
        raise Http404("A Fleet of words.")
    response: HttpResponseBase
    if "still" in request.GET and fleet.is_moving:
        response = still_response(fleet.picture)
    else:
        response = file_response(fleet.picture)
    patch_cache_control(response, private=True, no_store=True)
    return response


@require_POST
@login_required
@limited("mark")
def seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Sent by the page's script when it shows the next one."""
    fleets.mark_seen(me(request), fleet_or_404(request, pk))
    return HttpResponse(status=204)


@require_POST
@login_required
@limited("message")
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    fleet = fleet_or_404(request, pk)
    url = request.build_absolute_uri(fleet.get_absolute_url())
    try:
        message = fleet_replies.reply(me(request), fleet, request.POST.get("text", ""), url)
    except ValidationError as error:
        if is_fragment(request):
            return with_toast(HttpResponse(status=204), error.messages[0])
        messages.error(request, error.messages[0])
        return redirect(fleet)
    except PermissionError as error:
        raise PermissionDenied(str(error)) from error
    if is_fragment(request):
        done = _("Sent to %(name)s as a message.") % {"name": isolated(fleet.author.name)}
        return with_toast(empty(), done)
    return redirect(message.conversation)


@require_safe
@login_required
def seen_by(request: HttpRequest, pk: int) -> HttpResponse:
    """For its author alone; to others there is no such page."""
    author = me(request)
    fleet = get_object_or_404(Fleet.objects.visible_to(author).filter(author=author), pk=pk)
    views = fleets.seen_by(author, fleet)
    template = "posts/_fleet_seen_by.html" if is_fragment(request) else "posts/fleet_seen_by.html"
    return render(request, template, {"fleet": fleet, "views": views})


@require_POST
@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    fleet = get_object_or_404(Fleet.objects.alive().filter(author=me(request)), pk=pk)
    fleets.delete(me(request), fleet)
    done = _("Your Fleet is taken down.")
    if is_fragment(request):
        return with_visit(with_toast(empty(), done), "/")
    messages.success(request, done)
    return redirect("posts:home")

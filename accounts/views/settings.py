"""Settings: the list, the profile, language and time, blocked and muted people."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import PreferencesForm, ProfileForm
from accounts.models import User
from accounts.services.profiles import PictureChange, save_profile
from accounts.views.answers import me


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/settings.html", {"preferences": PreferencesForm(instance=me(request))})


@require_http_methods(["POST"])
@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    form = PreferencesForm(request.POST, instance=me(request))
    if not form.is_valid():
        return render(request, "accounts/settings.html", {"preferences": form}, status=422)
    form.save()
    messages.success(request, _("Saved."))
    return redirect("accounts:settings")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    person = me(request)
    if request.method != "POST":
        return render(request, "accounts/edit_profile.html", {"form": ProfileForm(instance=person)})
    form = ProfileForm(request.POST, request.FILES, instance=User.objects.get(pk=person.pk))
    if not form.is_valid():
        return render(request, "accounts/edit_profile.html", {"form": form}, status=422)
    save_profile(form.instance, _pictures(form))
    messages.success(request, _("Your profile is saved."))
    return redirect(person)


def _pictures(form: ProfileForm) -> list[PictureChange]:
    changes: list[PictureChange] = []
    data = form.cleaned_data
    if data["avatar_file"] or data["remove_avatar"]:
        changes.append(PictureChange("avatar", data["avatar_file"]))
    if data["header_file"] or data["remove_header"]:
        changes.append(PictureChange("header", data["header_file"]))
    return changes


@require_safe
@login_required
def hidden_people(request: HttpRequest) -> HttpResponse:
    """Whom I blocked and muted, to undo it."""
    person = me(request)
    context = {
        "blocked": User.objects.filter(blocks_received__blocker=person).order_by("handle"),
        "muted": User.objects.filter(mutes_received__muter=person).order_by("handle"),
    }
    return render(request, "accounts/hidden_people.html", context)

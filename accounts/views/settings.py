"""Settings: the list, the profile, privacy, language and time zone, blocked and muted people."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import PreferencesForm, PrivacyForm, ProfileForm
from accounts.models import User
from accounts.services import api_tokens
from accounts.services.profiles import PictureChange, save_privacy, save_profile
from accounts.views.responses import me


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    return _index(request, PreferencesForm(instance=me(request)))


def _index(request: HttpRequest, form: PreferencesForm, status: int = 200) -> HttpResponse:
    context = {
        "preferences": form,
        "has_second_factor": Authenticator.objects.filter(user=me(request)).exists(),
        "programs": api_tokens.living(me(request)).count(),
        "log_ins": UserSession.objects.filter(user=me(request)).count(),
    }
    return render(request, "accounts/settings.html", context, status=status)


@require_http_methods(["POST"])
@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    form = PreferencesForm(request.POST, instance=me(request))
    if not form.is_valid():
        return _index(request, form, 422)
    form.save()
    messages.success(request, _("Saved."))
    return redirect("accounts:settings")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def privacy(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "accounts/privacy.html", {"form": PrivacyForm(instance=me(request))})
    # Fresh from the database: a refused form must not change what the rest of the page shows.
    form = PrivacyForm(request.POST, instance=User.objects.get(pk=me(request).pk))
    if not form.is_valid():
        return render(request, "accounts/privacy.html", {"form": form}, status=422)
    save_privacy(form.instance)
    messages.success(request, _("Saved."))
    return redirect("accounts:privacy")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    person = me(request)
    if request.method != "POST":
        return render(request, "accounts/edit_profile.html", {"form": ProfileForm(instance=person)})
    # Fresh, as in `privacy`.
    form = ProfileForm(request.POST, request.FILES, instance=User.objects.get(pk=person.pk))
    if not form.is_valid():
        return render(request, "accounts/edit_profile.html", {"form": form}, status=422)
    fields = form.cleaned_data
    changes: list[PictureChange] = []
    # A new file wins over "remove": without one, the change is None, which removes.
    if fields["avatar_file"] or fields["remove_avatar"]:
        changes.append(PictureChange("avatar", fields["avatar_file"]))
    if fields["header_file"] or fields["remove_header"]:
        changes.append(PictureChange("header", fields["header_file"]))
    save_profile(form.instance, changes)
    messages.success(request, _("Your profile is saved."))
    return redirect(person)


@require_safe
@login_required
def hidden_people(request: HttpRequest) -> HttpResponse:
    """List the people whom the viewer blocked and muted, with buttons to undo it."""
    person = me(request)
    context = {
        "blocked": User.objects.filter(blocks_received__blocker=person).order_by("handle"),
        "muted": User.objects.filter(mutes_received__muter=person).order_by("handle"),
    }
    return render(request, "accounts/hidden_people.html", context)

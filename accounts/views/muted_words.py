"""Muted words: the list, a form to add one, a button to take one away."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import MutedWord
from accounts.services import muted_words as service
from accounts.views.responses import empty, is_fragment, me
from config.http.rate_limits import limited, limited_posts
from config.http.text_fields import LineField
from config.limits import LIMITS


class MutedWordForm(forms.Form):
    word = LineField(
        label=_("Word, phrase or #hashtag"),
        max_length=LIMITS.muted_word_chars,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    lasts = forms.ChoiceField(
        label=_("For how long"),
        choices=[
            ("forever", _("Until I take it away")),
            ("day", _("24 hours")),
            ("week", _("7 days")),
            ("month", _("30 days")),
        ],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@limited_posts("settings")
def index(request: HttpRequest) -> HttpResponse:
    form = MutedWordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            service.add(me(request), form.cleaned_data["word"], form.cleaned_data["lasts"])
        except ValidationError as error:
            form.add_error("word", error)
        else:
            return redirect("accounts:muted_words")
    words = MutedWord.objects.in_force().filter(owner=me(request))
    context = {"form": form, "words": words, "most": LIMITS.muted_words}
    status = 422 if form.is_bound else 200
    return render(request, "accounts/muted_words.html", context, status=status)


@require_POST
@login_required
@limited("settings")
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    service.remove(me(request), pk)
    # htmx puts the answer in the place of the row.
    return empty() if is_fragment(request) else redirect("accounts:muted_words")

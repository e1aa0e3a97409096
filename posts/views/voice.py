"""Voice clips: uploaded by the page, asked about until they are ready, and played."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.token_access import readable_with_token
from accounts.views.responses import refused, viewer_of
from config.http import file_response
from config.http.rate_limits import hit, with_wait
from posts.models import VoiceClip
from posts.services import voice

TYPES = {"ogg": "audio/ogg; codecs=opus", "m4a": "audio/mp4"}
# Long enough for seeking to and fro, short enough that the sound goes when access goes.
CACHE_S = 300


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take `clip`, a file, from the page's script.

    201 and the clip's state, or {"code", "message"} with 422, 403 or 429.
    """
    # Not login_required, which would answer the script with the page to log in.
    owner = viewer_of(request)
    if owner is None:
        return refused(403, "log_in", _("Log in first."))
    if not hit("voice", f"user:{owner.pk}"):
        text = _("That was a bit fast. Wait a moment and try again.")
        return with_wait(refused(429, "rate_limited", text), "voice", f"user:{owner.pk}")
    file = request.FILES.get("clip")
    try:
        if file is None:
            raise voice.refusal("empty")
        clip = voice.take_in(owner, file)
    except ValidationError as error:
        return refused(422, error.code or "invalid", error.messages[0])
    return JsonResponse(_described(clip), status=201)


@require_http_methods(["GET", "HEAD", "DELETE"])
def clip(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the owner how their recording is getting on; DELETE forgets one that was not used."""
    owner = viewer_of(request)
    if owner is None:
        raise PermissionDenied
    found = VoiceClip.objects.filter(pk=pk, owner=owner).first()
    if found is None:
        raise Http404("No such recording of the viewer.")
    if request.method == "DELETE":
        voice.discard(owner, pk)
        return HttpResponse(status=204)
    return JsonResponse(_described(found))


@require_safe
def player(request: HttpRequest, pk: int) -> HttpResponse:
    """The player alone; a page asks for it again while the recording is being prepared."""
    found = voice.get_for(viewer_of(request), pk)
    if found is None:
        raise Http404("No such recording for this viewer.")
    return render(request, "posts/_voice.html", {"clip": found})


@readable_with_token
@require_safe
def sound(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """The sound, for those who may see what carries it, also when the address is guessed."""
    found = voice.get_for(viewer_of(request), pk)
    if found is None:
        raise Http404("No such recording for this viewer.")
    file = found.opus if form == "ogg" else found.m4a
    if not file:
        raise Http404("It is not ready yet, or could not be read.")
    try:
        with file.open() as opened:
            response = file_response.serve(request, opened, file.size, TYPES[form])
    except OSError as error:
        raise Http404("The file is gone.") from error
    patch_cache_control(response, private=True, max_age=CACHE_S)
    return response


def _described(found: VoiceClip) -> dict[str, object]:
    """What a script may know; `message` says why it failed."""
    reason = str(voice.refusal(found.reason).messages[0]) if found.reason in voice.REASONS else ""
    return {
        "id": found.pk,
        "state": found.state,
        "code": found.reason,
        "message": reason,
        "duration_ms": found.duration_ms,
        "waveform": found.waveform,
    }

"""Clips: make one on the replay page, watch it, share it in a post, delete it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.token_access import readable_with_token
from accounts.views.responses import me, viewer_of
from config.http import file_response
from config.http.rate_limits import limited
from config.limits import LIMITS
from spaces.models import Clip, Recording
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.services import clips
from spaces.services.clip_cards import card_of
from spaces.views.replay import MOST_DIGITS_OF_MS, check_signature

CONTENT_TYPES = {clips.VIDEO: "video/mp4", clips.POSTER: "image/jpeg"}


@require_POST
@login_required
@limited("clip")
def cut(request: HttpRequest, public_id: str) -> HttpResponse:
    """Cut a clip and lead to its page, which waits until it is ready."""
    recordings = Recording.objects.ready().visible_to(me(request)).select_related("space")
    recording = get_object_or_404(recordings, space__public_id=public_id)
    from_ms = _parse_ms(request.POST.get("from_ms", ""))
    to_ms = _parse_ms(request.POST.get("to_ms", ""))
    try:
        clip = clips.cut(recording, me(request), from_ms, to_ms, request.POST.get("title", ""))
    except RoomError as error:
        text = error.text
        if error.code == ErrorCode.BAD_TIME:
            # The general text is about the time of a Space.
            text = _("A clip is 1 to %(max)d seconds long.") % {"max": LIMITS.clip_s}
        messages.error(request, text)
        return redirect(recording.space)
    return redirect(clip)


def _parse_ms(text: str) -> int:
    """Return the number, or -1, which no clip begins or ends with."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS_OF_MS else -1


@require_safe
def show(request: HttpRequest, public_id: str) -> HttpResponse:
    viewer = viewer_of(request)
    clip = _get_clip(public_id, viewer)
    return render(request, "spaces/clip.html", _context(request, clip, viewer))


@require_safe
@never_cache
def progress(request: HttpRequest, public_id: str) -> HttpResponse:
    """Return the clip's player, asked for again while it is being cut."""
    viewer = viewer_of(request)
    clip = _get_clip(public_id, viewer)
    return render(request, "spaces/_clip_page.html", _context(request, clip, viewer))


def _context(request: HttpRequest, clip: Clip, viewer: User | None) -> dict[str, object]:
    url = request.build_absolute_uri(clip.get_absolute_url())
    query = urlencode({"text": url})
    return {
        "clip": clip,
        "card": card_of(clip, viewer),
        "space": clip.recording.space,
        "may_delete": clips.may_delete(clip, viewer),
        "compose": f"{reverse('posts:compose')}?{query}",
    }


@require_POST
@login_required
def delete(request: HttpRequest, public_id: str) -> HttpResponse:
    clip = _get_clip(public_id, me(request))
    space = clip.recording.space
    try:
        clips.delete(clip, me(request))
    except RoomError as error:
        raise PermissionDenied from error
    messages.success(request, _("The clip is deleted."))
    return redirect(space)


@readable_with_token
@require_safe
def file(request: HttpRequest, public_id: str, name: str) -> HttpResponseBase:
    """Send a clip or its picture to a viewer with a good address who may watch."""
    viewer = viewer_of(request)
    check_signature(request, viewer)
    clip = _get_clip(public_id, viewer)
    if name not in CONTENT_TYPES or clip.state != Clip.State.READY:
        raise Http404("No such file.")
    # The row may be ahead of the disk for a moment, when a clip is being deleted.
    try:
        return file_response.send(request, f"{clip.media_name}/{name}", CONTENT_TYPES[name])
    except FileNotFoundError:
        raise Http404("The file is gone.") from None


def _get_clip(public_id: str, viewer: User | None) -> Clip:
    """Return the clip that the viewer may watch. Raises Http404."""
    clips_shown = Clip.objects.visible_to(viewer)
    clips_shown = clips_shown.select_related("by", "recording__space__host")
    return get_object_or_404(clips_shown, public_id=public_id)

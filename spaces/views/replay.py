"""The replay at the Space's own address: the page, its files, and what the host may do with it."""

from dataclasses import dataclass
from pathlib import Path

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.token_access import readable_with_token
from accounts.views.responses import me, viewer_of, with_visit
from config.http import file_response
from spaces.models import Recording, Space, TranscriptLine
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.services import rendering, replays, signed_urls, transcripts
from spaces.services.summary import summary
from spaces.views.access import find_space

CONTENT_TYPES = {
    rendering.VIDEO: "video/mp4",
    rendering.AUDIO: "audio/mp4",
    rendering.POSTER: "image/jpeg",
}
LINES_SHOWN = 3000
CLIPS_SHOWN = 12
# As text: it stands in attributes, and "1" must not become "1.0".
SPEEDS = ("0.5", "0.75", "1", "1.25", "1.5", "2")
MOST_DIGITS_OF_MS = 9  # Eleven days; more is no place in a replay.


@dataclass(frozen=True)
class ReplayUrls:
    """Where this viewer's player finds what it plays."""

    video: str
    audio: str
    poster: str
    captions: str


def urls_for(recording: Recording, viewer: User | None) -> ReplayUrls:
    return ReplayUrls(
        video=signed_urls.replay_url(recording, rendering.VIDEO, viewer),
        audio=signed_urls.replay_url(recording, rendering.AUDIO, viewer),
        poster=signed_urls.replay_url(recording, rendering.POSTER, viewer),
        captions=signed_urls.replay_url(recording, rendering.CAPTIONS, viewer),
    )


def show(request: HttpRequest, space: Space, viewer: User | None) -> HttpResponse | None:
    """Return the page of a Space that was recorded.

    None if there is nothing that this viewer may watch or wait for.
    """
    recording = replays.find_for(space, viewer)
    if recording is None:
        return None
    recording.space = space  # With the people that the page draws.
    context: dict[str, object] = {
        "space": space,
        "recording": recording,
        "is_host": replays.may_manage(recording, viewer),
        "may_delete": replays.may_delete(recording, viewer),
        "address": request.build_absolute_uri(space.get_absolute_url()),
        "speeds": SPEEDS,
    }
    if recording.state != Recording.State.READY:
        return render(request, "spaces/replay_waiting.html", context)
    clips = recording.clips.visible_to(viewer).select_related("by")
    context |= {
        "files": urls_for(recording, viewer),
        "chapters": recording.chapters,
        "lines": list(transcripts.lines_for(space, viewer)[:LINES_SHOWN]),
        "pins": replays.pins_for(recording, viewer),
        "can_clip": viewer is not None,
        # Without the packet log nothing can be rendered again.
        "can_move": recording.log_path.is_dir(),
        "clips": list(clips[:CLIPS_SHOWN]),
        "summary": summary(space),
    }
    return render(request, "spaces/replay.html", context)


# --- files ----------------------------------------------------------------------------------------


@readable_with_token
@require_safe
def file(request: HttpRequest, public_id: str, version: int, name: str) -> HttpResponseBase:
    """Send one file to a viewer with a good address who may watch, asked anew each time.

    403 for a bad address.
    """
    viewer = viewer_of(request)
    check_signature(request, viewer)
    recording = _get_ready(public_id, viewer)
    # A player must not put together ranges of two different files.
    if recording.version != version:
        raise Http404("Rendered again since.")
    if name == rendering.CAPTIONS:
        # Written at each request: the host may have corrected a line.
        response = HttpResponse(
            transcripts.as_vtt(transcripts.lines_for(recording.space, viewer)),
            content_type="text/vtt; charset=utf-8",
        )
        response["Cache-Control"] = "private"
        return response
    if name not in CONTENT_TYPES:
        raise Http404("No such file.")
    download_as = ""
    if "download" in request.GET:
        if not replays.may_manage(recording, viewer):
            raise PermissionDenied
        stem = slugify(recording.space.title) or recording.space.public_id
        download_as = stem + Path(name).suffix
    path = f"{recording.media_name}/{name}"
    try:
        return file_response.send(request, path, CONTENT_TYPES[name], download_as=download_as)
    except FileNotFoundError:
        raise Http404("The file is gone.") from None


def check_signature(request: HttpRequest, viewer: User | None) -> None:
    """Raise PermissionDenied unless the address is signed, in time, and this viewer's."""
    signature = signed_urls.parse(request.GET.dict())
    now = timezone.now().timestamp()
    if signature is None or not signature.is_good(request.path, viewer, now):
        raise PermissionDenied


def _get_ready(public_id: str, viewer: User | None) -> Recording:
    """Return the recording that the viewer may watch. Raises Http404."""
    recordings = Recording.objects.ready().visible_to(viewer).select_related("space__host")
    return get_object_or_404(recordings, space__public_id=public_id)


@require_safe
@never_cache
def fresh_addresses(request: HttpRequest, public_id: str) -> JsonResponse:
    """Return new addresses to a player whose own have run out."""
    viewer = viewer_of(request)
    urls = urls_for(_get_ready(public_id, viewer), viewer)
    return JsonResponse({"video": urls.video, "captions": urls.captions, "poster": urls.poster})


@readable_with_token
@require_safe
@never_cache
def enclosure(request: HttpRequest, public_id: str) -> HttpResponse:
    """Lead a podcast player, whose address must stay the same, to the file."""
    recording = _get_ready(public_id, viewer_of(request))
    # Podcast programs do not log in, so a public replay is signed for visitors.
    public = Recording.objects.ready().visible_to(None)
    signed_for = None if public.filter(pk=recording.pk).exists() else me(request)
    return redirect(signed_urls.replay_url(recording, rendering.AUDIO, signed_for))


# --- the host's -----------------------------------------------------------------------------------


@require_safe
@never_cache
def progress(request: HttpRequest, public_id: str) -> HttpResponse:
    """Return the waiting page's middle, asked for again every two seconds.

    Once the replay is ready it leads to the page itself.
    """
    viewer = viewer_of(request)
    recording = _get_recording(public_id, viewer)
    context = {
        "space": recording.space,
        "recording": recording,
        "is_host": replays.may_manage(recording, viewer),
        "may_delete": replays.may_delete(recording, viewer),
    }
    response = render(request, "spaces/_replay_progress.html", context)
    if recording.state == Recording.State.READY:
        return with_visit(response, recording.space.get_absolute_url())
    return response


@require_POST
@login_required
def set_start(request: HttpRequest, public_id: str) -> HttpResponse:
    recording = _get_recording(public_id, me(request))
    text = request.POST.get("from_ms", "")
    try:
        if not text.isdecimal() or len(text) > MOST_DIGITS_OF_MS:
            raise RoomError(ErrorCode.BAD_TIME)
        # The player counts from where the replay begins now; the log from where it began to be
        # recorded.
        from_ms = recording.from_ms + int(text)
        if "whole" in request.POST:
            from_ms = 0
        replays.set_start(recording, me(request), from_ms)
        messages.success(request, _("The replay is being prepared again with its new beginning."))
    except RoomError as error:
        return _refused(request, recording, error)
    return redirect(recording.space)


@require_POST
@login_required
def retry(request: HttpRequest, public_id: str) -> HttpResponse:
    recording = _get_recording(public_id, me(request))
    try:
        replays.retry(recording, me(request))
    except RoomError as error:
        return _refused(request, recording, error)
    return redirect(recording.space)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask once, then delete all of it."""
    recording = _get_recording(public_id, me(request))
    if not replays.may_delete(recording, me(request)):
        raise PermissionDenied
    if request.method != "POST":
        context = {"space": recording.space, "recording": recording}
        return render(request, "spaces/replay_delete.html", context)
    replays.delete(recording, me(request))
    messages.success(request, _("The replay is deleted."))
    return redirect(recording.space)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def correct(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    """Return the form of one line, or the corrected line, for the place where it stands."""
    lines = TranscriptLine.objects.visible_to(me(request)).select_related("space", "speaker")
    line = get_object_or_404(lines, pk=pk, space__public_id=public_id)
    if line.space.host_id != me(request).pk:
        raise PermissionDenied
    context: dict[str, object] = {
        "line": line,
        "space": line.space,
        "is_host": True,
        "is_editing": True,
    }
    if request.method != "POST":
        return render(request, "spaces/_replay_line.html", context)
    try:
        context["line"] = transcripts.correct(line, me(request), request.POST.get("text", ""))
    except RoomError as error:
        context["problem"] = error.text
        return render(request, "spaces/_replay_line.html", context, status=422)
    context["is_editing"] = False
    return render(request, "spaces/_replay_line.html", context)


def _get_recording(public_id: str, viewer: User | None) -> Recording:
    """Return the recording in whatever state that the viewer may know of. Raises Http404."""
    space = find_space(public_id, viewer)
    recording = replays.find_for(space, viewer) if space else None
    if recording is None or space is None:
        raise Http404("No replay.")
    recording.space = space
    return recording


def _refused(request: HttpRequest, recording: Recording, error: RoomError) -> HttpResponse:
    if error.code == ErrorCode.NOT_ALLOWED:
        raise PermissionDenied from error
    messages.error(request, error.text)
    return redirect(recording.space)

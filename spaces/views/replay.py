"""The replay at the Space's own address: the page, its files, and what the host may do with it."""

from dataclasses import dataclass
from typing import Any

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
from accounts.views.responses import me, viewer_of, with_visit
from config.http import file_response
from posts.models import Post
from spaces.models import Recording, Space, TranscriptLine
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.services import rendering, replays, signed_urls, transcripts
from spaces.services.summary import summary
from spaces.views.access import find_space

TYPES = {rendering.VIDEO: "video/mp4", rendering.AUDIO: "audio/mp4", rendering.POSTER: "image/jpeg"}
LINES_SHOWN = 3000
SPEEDS = ("0.5", "0.75", "1", "1.25", "1.5", "2")


@dataclass(frozen=True)
class Files:
    """Where this viewer's player finds what it plays."""

    video: str
    audio: str
    poster: str
    captions: str


def files_for(recording: Recording, viewer: User | None) -> Files:
    names = (rendering.VIDEO, rendering.AUDIO, rendering.POSTER, rendering.CAPTIONS)
    return Files(*(signed_urls.replay_url(recording, name, viewer) for name in names))


def show(request: HttpRequest, space: Space, viewer: User | None) -> HttpResponse | None:
    """Return the page of a Space that was recorded, None if there is nothing that this viewer may
    watch or wait for.
    """
    recording = replays.find_for(space, viewer)
    if recording is None:
        return None
    recording.space = space
    context: dict[str, Any] = {  # Any: what the template draws.
        "space": space,
        "recording": recording,
        "is_host": replays.may_manage(recording, viewer),
        "may_delete": replays.may_delete(recording, viewer),
        "address": request.build_absolute_uri(space.get_absolute_url()),
        "speeds": SPEEDS,
    }
    if recording.state != Recording.State.READY:
        return render(request, "spaces/replay_waiting.html", context)
    return render(request, "spaces/replay.html", context | _player(recording, viewer))


def _player(recording: Recording, viewer: User | None) -> dict[str, object]:
    return {
        "files": files_for(recording, viewer),
        "chapters": recording.chapters,
        "lines": list(transcripts.lines_for(recording.space, viewer)[:LINES_SHOWN]),
        "pins": _pins(recording, viewer),
        "can_clip": viewer is not None,
        "can_move": recording.log_path.is_dir(),
        "clips": list(recording.clips.visible_to(viewer).select_related("by")[:12]),
        "summary": summary(recording.space),
    }


def _pins(recording: Recording, viewer: User | None) -> list[tuple[int, Post]]:
    return replays.pins_for(recording, viewer)


# --- files ----------------------------------------------------------------------------------------


@require_safe
def file(request: HttpRequest, public_id: str, version: int, name: str) -> HttpResponseBase:
    """Send one file to who holds a good address and may watch, asked anew each time. 403 for a bad
    address.
    """
    viewer = viewer_of(request)
    check_ticket(request, viewer)
    recording = _ready(public_id, viewer)
    if recording.version != version:
        raise Http404("Rendered again since.")
    if name == rendering.CAPTIONS:
        text = transcripts.as_vtt(transcripts.lines_for(recording.space, viewer))
        return HttpResponse(
            text, content_type="text/vtt; charset=utf-8", headers={"Cache-Control": "private"}
        )
    if name not in TYPES:
        raise Http404("No such file.")
    return _send(request, recording, name, viewer)


def _send(
    request: HttpRequest, recording: Recording, name: str, viewer: User | None
) -> HttpResponseBase:
    download_as = ""
    if "download" in request.GET:
        if not replays.may_manage(recording, viewer):
            raise PermissionDenied
        download_as = f"{slugify(recording.space.title) or recording.space.public_id}{name[name.rindex('.') :]}"
    try:
        return file_response.send(
            request, f"{recording.media_name}/{name}", TYPES[name], download_as=download_as
        )
    except FileNotFoundError:
        raise Http404("The file is gone.") from None


def check_ticket(request: HttpRequest, viewer: User | None) -> None:
    """Raise PermissionDenied unless the address is signed, in time, and this viewer's."""
    ticket = signed_urls.parse(request.GET.dict())
    if ticket is None or not ticket.is_good(request.path, viewer, timezone.now().timestamp()):
        raise PermissionDenied


def _ready(public_id: str, viewer: User | None) -> Recording:
    found = Recording.objects.ready().visible_to(viewer).select_related("space__host")
    return get_object_or_404(found, space__public_id=public_id)


@require_safe
@never_cache
def fresh(request: HttpRequest, public_id: str) -> JsonResponse:
    """Return new addresses to a player whose own have run out."""
    viewer = viewer_of(request)
    files = files_for(_ready(public_id, viewer), viewer)
    return JsonResponse({"video": files.video, "captions": files.captions, "poster": files.poster})


@require_safe
@never_cache
def enclosure(request: HttpRequest, public_id: str) -> HttpResponse:
    """Lead a podcast player, whose address must stay the same, to the file."""
    recording = _ready(public_id, viewer_of(request))
    return redirect(
        signed_urls.replay_url(
            recording, rendering.AUDIO, None if _is_public(recording) else me(request)
        )
    )


def _is_public(recording: Recording) -> bool:
    return Recording.objects.ready().visible_to(None).filter(pk=recording.pk).exists()


# --- the host's -----------------------------------------------------------------------------------


@require_safe
@never_cache
def progress(request: HttpRequest, public_id: str) -> HttpResponse:
    """The waiting page's middle, asked for again every two seconds; the page itself once it is
    ready.
    """
    viewer = viewer_of(request)
    recording = _of(public_id, viewer)
    context = {
        "space": recording.space,
        "recording": recording,
        "is_host": replays.may_manage(recording, viewer),
        "may_delete": replays.may_delete(recording, viewer),
    }
    response = render(request, "spaces/_replay_progress.html", context)
    is_ready = recording.state == Recording.State.READY
    return with_visit(response, recording.space.get_absolute_url()) if is_ready else response


@require_POST
@login_required
def set_start(request: HttpRequest, public_id: str) -> HttpResponse:
    recording = _of(public_id, me(request))
    text = request.POST.get("from_ms", "")
    try:
        if not text.isdecimal() or len(text) > 9:
            raise RoomError(ErrorCode.BAD_TIME)
        # The player counts from where the replay begins now; the log from where it began to be
        # recorded.
        is_whole = "whole" in request.POST
        replays.set_start(recording, me(request), 0 if is_whole else recording.from_ms + int(text))
        messages.success(request, _("The replay is being prepared again with its new beginning."))
    except RoomError as error:
        return _refused(request, recording, error)
    return redirect(recording.space)


@require_POST
@login_required
def retry(request: HttpRequest, public_id: str) -> HttpResponse:
    recording = _of(public_id, me(request))
    try:
        replays.retry(recording, me(request))
    except RoomError as error:
        return _refused(request, recording, error)
    return redirect(recording.space)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask once, then delete all of it."""
    recording = _of(public_id, me(request))
    if not replays.may_delete(recording, me(request)):
        raise PermissionDenied
    if request.method != "POST":
        return render(
            request, "spaces/replay_delete.html", {"space": recording.space, "recording": recording}
        )
    replays.delete(recording, me(request))
    messages.success(request, _("The replay is deleted."))
    return redirect(recording.space)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def correct(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    """Put a line right: its form, then the line as it is now, each for the place where it stands."""
    line = get_object_or_404(
        TranscriptLine.objects.visible_to(me(request)).select_related("space", "speaker"),
        pk=pk,
        space__public_id=public_id,
    )
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
        context |= {
            "line": transcripts.correct(line, me(request), request.POST.get("text", "")),
            "is_editing": False,
        }
    except RoomError as error:
        return render(
            request, "spaces/_replay_line.html", context | {"problem": error.text}, status=422
        )
    return render(request, "spaces/_replay_line.html", context)


def _of(public_id: str, viewer: User | None) -> Recording:
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

"""Search among the viewer's messages; htmx gets the next page of hits (`?before=`)."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.views.responses import is_fragment, me
from config.cursors import parse_id
from config.db import full_text
from config.http.rate_limits import limited
from config.text import line
from posts.services import message_search
from posts.views.messages import rows_of


@require_safe
@login_required
@limited("search")
def search(request: HttpRequest) -> HttpResponse:
    viewer = me(request)
    query = line(request.GET.get("q", ""))[: full_text.QUERY_CHARS]
    before = parse_id(request.GET.get("before", ""))
    found = message_search.find(viewer, query, before)
    if is_fragment(request) and before is not None:
        return render(request, "posts/_message_hits.html", {"found": found, "query": query})
    context = {"found": found, "query": query, "rows": rows_of(found.conversations, viewer)}
    return render(request, "posts/message_search.html", context)

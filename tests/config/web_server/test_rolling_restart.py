"""Two webs behind Debian's nginx are restarted one after the other, and nobody notices."""

import asyncio
import urllib.request
from pathlib import Path

import pytest

from config.web_server.server import DRAIN_S
from tests.stack.nginx import needs_nginx, running_nginx
from tests.stack.parley import ROOT, free_port
from tests.stack.rolling import RESTART, Host, Visitors
from tests.stack.waiting import until
from tests.stack.webs import MANAGE, running_webs

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900), needs_nginx]

SEED = """
import json
from django.test import Client
from accounts.models import User
from spaces.services import scheduling
from spaces.services.scheduling import SpaceDraft
people = [User.objects.create_user(f"p{n}", f"p{n}@people.example", "x") for n in range(40)]
space = scheduling.start(scheduling.open_now(people[0], SpaceDraft("Tea")), people[0])
def cookie(user):
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.cookies["parley_session"].value
print(json.dumps({"space": space.public_id, "cookies": [cookie(one) for one in people]}))
"""
POSTS = """
import json
from posts.models import Post
print(json.dumps([Post.objects.count(), Post.objects.values("text").distinct().count()]))
"""
# The clock of the rooms, as a worker runs it: who is gone loses the microphone, then the seat.
CLOCK = """
import time
from spaces.services import room_timers
while True:
    room_timers.sweep()
    time.sleep(1)
"""


def at_work(visitors: Visitors, host: Host, tasks: list["asyncio.Task[None]"]) -> bool:
    """Raises what one of them broke off with."""
    for task in tasks:
        if task.done():
            task.result()
    return bool(host.seat and visitors.writes and visitors.reads)


async def test_it_loses_no_request_and_no_seat(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://localhost:{port}"
    with (
        running_webs(tmp_path, settings={"ORIGINS": url, "TRUSTED_PROXIES": "1"}) as webs,
        running_nginx(webs.ports, port) as folder,
    ):
        made = webs.shell(SEED)
        for number in (0, 1):  # The first page of a process takes longest.
            await asyncio.to_thread(urllib.request.urlopen, webs.url(number, "/"), None, 60)
        clock = await asyncio.create_subprocess_exec(
            *MANAGE, "shell", "-v", "0", "-c", CLOCK, cwd=ROOT, env=webs.environ
        )
        visitors = Visitors(url, made["cookies"][1:])
        host = Host(url, made["space"], made["cookies"][0])
        work = [visitors.read("/"), visitors.read("/healthz"), visitors.write(), host.stay()]
        tasks = [asyncio.create_task(one) for one in work]
        try:
            await until(lambda: at_work(visitors, host, tasks), "all work", 120)
            for number in (0, 1):
                process = webs.terminate(number)
                assert await asyncio.to_thread(process.wait, DRAIN_S + 5) == 0
                webs.start(number)
                await asyncio.to_thread(webs.wait_ready, number)
            done = sum(visitors.writes.values())
            await until(lambda: sum(visitors.writes.values()) > done + 5, "they go on", 60)
            await until(lambda: len(host.snapshots) > len(host.closes), "the host is back", 30)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            clock.terminate()
            await asyncio.wait_for(clock.wait(), 20)
        assert [task for task in tasks if task.done() and not task.cancelled()] == []
        assert set(visitors.reads) == {"200"}, (folder / "error.log").read_text()[-3000:]
        assert set(visitors.writes) == {"302"}, (folder / "error.log").read_text()[-3000:]
        told, kept = sum(visitors.writes.values()), webs.shell(POSTS)
        # One more may have been on its way when the visitors left; none was written twice.
        assert kept[0] == kept[1] and told <= kept[0] <= told + 1
        assert set(host.closes) <= {RESTART} and host.closes, "It was sent on."
        assert max(host.away_s) < 15, "Nobody counts as gone."
        lost = [said for said in host.seen if said["type"] == "host.lost"]
        assert lost == [] and host.seat["presence"] == "here"

"""What makes the site an app: every piece is where browsers look for it, and clean under the
content policy.
"""

import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_it_has_a_manifest_whose_icons_exist(client: Client) -> None:
    page = client.get("/account/login/").text
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page
    answer = client.get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    manifest = answer.json()
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == (
        "/",
        "/",
        "standalone",
    )
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
    assert all(client.get(icon["src"]).status_code == 200 for icon in manifest["icons"])
    assert all(client.get(one["url"]).status_code in {200, 302} for one in manifest["shortcuts"])


def test_it_serves_the_worker_at_the_root_and_asks_for_it_anew(client: Client) -> None:
    answer = client.get("/sw.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert "no-cache" in answer["Cache-Control"]
    assert "notificationclick" in answer.text
    assert client.post("/sw.js").status_code == 405


def test_it_has_a_page_for_when_there_is_no_line_that_names_nobody(client: Client) -> None:
    page = client.get("/offline/").text
    assert "No connection" in page
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
    assert "csrf" not in page
    parts = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(parts) >= 4
    assert all(client.get(part).status_code == 200 for part in parts)

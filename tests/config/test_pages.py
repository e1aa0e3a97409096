"""What every page carries so that a strict content policy holds."""

import json
import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client) -> str:
    return client.get("/account/login/").text


def test_it_keeps_htmx_from_writing_inline_styles_and_evaluating_text(page: str) -> None:
    found = re.search(r"<meta\s+name=\"htmx-config\"\s+content='([^']+)'", page)
    assert found
    config = json.loads(found[1])
    assert (config["includeIndicatorStyles"], config["allowEval"], config["selfRequestsOnly"]) == (
        False,
        False,
        True,
    )


def test_it_has_no_inline_script_style_or_handler(page: str) -> None:
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
    # Data is not run.
    code = [tag for tag in re.findall(r"<script[^>]*>", page) if "application/json" not in tag]
    assert all("src=" in tag or "nonce=" in tag for tag in code)


def test_it_loads_everything_from_this_site(page: str) -> None:
    assert not re.findall(r"(?:src|href)=[\"'](?:https?:)?//", page)


def test_it_sends_the_headers_that_browsers_act_on(client: Client) -> None:
    answer = client.get("/account/login/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "microphone=(self)" in answer["Permissions-Policy"]
    assert answer["X-Frame-Options"] == "DENY"

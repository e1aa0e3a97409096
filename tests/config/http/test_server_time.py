import re

import pytest
from django.test import Client

from config.http.server_time import HEADER, now_ms

pytestmark = pytest.mark.django_db


def test_it_is_told_with_a_page_in_head_and_header(client: Client) -> None:
    before = now_ms()
    answer = client.get("/explore/")
    told = re.search(r'<meta name="server-time" content="(\d+)">', answer.content.decode())
    assert told is not None
    assert before <= int(told[1]) <= int(answer.headers[HEADER]) <= now_ms()


@pytest.mark.parametrize("path", ["/no/such/page/", "/api/v1/", "/jsi18n/"])
def test_it_is_told_with_what_is_no_page(client: Client, path: str) -> None:
    before = now_ms()
    assert before <= int(client.get(path).headers[HEADER]) <= now_ms()

"""Credentials for TURN servers."""

from pytest_django import Settings

from spaces.relay import turn


def test_it_offers_nothing_where_nothing_is_configured(settings: Settings) -> None:
    settings.TURN_URLS = []
    assert turn.servers_for(7) == ()


def test_it_names_the_person_and_the_hour_the_credential_runs_out(settings: Settings) -> None:
    settings.TURN_URLS, settings.TURN_SECRET = ["turns:turn.example:443?transport=tcp"], "north"
    server = turn.servers_for(7)[0]
    expiry, _, who = str(server.username).partition(":")
    assert who == "7" and int(expiry) > 0
    assert server.credential == turn.credential(str(server.username), "north")
    assert list(server.urls) == settings.TURN_URLS
    assert str(turn.servers_for(None)[0].username).endswith(":visitor")


def test_it_lasts_as_long_as_the_longest_space() -> None:
    assert turn.credential_name(7, 1_000_000.9) == "1043200:7"


def test_it_makes_the_password_as_coturn_does() -> None:
    # From: printf '%s' 1043200:7 | openssl dgst -sha1 -hmac north -binary | base64
    assert turn.credential("1043200:7", "north") == "8Z95SdY0m+BjDXXlx9zMzt6NlSw="

"""What `manage.py` makes of an operator's environment, as a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.dev.lint import PRODUCTION
from config.env import ROOT

ASKED = """
import json
from django.conf import settings
names = ("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD")
csp = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["connect-src"]
print(json.dumps([*(getattr(settings, name) for name in names), csp]))
"""
YEAR_S = 365 * 24 * 3600


def manage(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py` with the environment of a site in order, changed by `environ`."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **PRODUCTION, "DATA_DIR": str(folder), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("hsts", "sent"),
    [
        ("", [YEAR_S, False, False]),
        ("subdomains", [YEAR_S, True, False]),
        ("preload", [YEAR_S, True, True]),
        ("off", [0, False, False]),
    ],
)
def test_it_asks_browsers_for_tls_on_its_own_host_unless_told_more(
    tmp_path: Path, hsts: str, sent: list[object]
) -> None:
    told = manage(tmp_path, "shell", "-v", "0", "-c", ASKED, HSTS=hsts)
    *found, sockets = json.loads(told.stdout)
    assert found == sent
    assert "wss://parley.example" in sockets, "Safari before 15.4 needs it by name."


def test_it_names_each_thing_that_a_deployment_has_wrong(tmp_path: Path) -> None:
    wrong = {
        "ORIGINS": "https://parley.example/,https://Parley.example,https://other.example,"
        "https://parley.example:443",
        "ALLOWED_HOSTS": "parley.example,*.example",
        "EMAIL_URL": "",
        "EMAIL_FROM": "",
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "TRUSTED_PROXIES": "0",
    }
    told = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **wrong)
    assert told.returncode == 1
    for one in (
        "ORIGINS names https://parley.example/,",
        "small letters",
        "ALLOWED_HOSTS does not have its host",
        "leave out the port",
        "EMAIL_URL is not set",
        "EMAIL_FROM is not set",
        "DATABASE_URL is not set",
        "REDIS_URL is not set",
        "TRUSTED_PROXIES is 0",
    ):
        assert one in told.stderr, one
    assert told.stderr.count("HINT") == told.stderr.count("(parley.")
    assert "Traceback" not in told.stderr


def test_it_names_the_host_that_is_any(tmp_path: Path) -> None:
    told = manage(tmp_path, "check", "--deploy", ALLOWED_HOSTS="*")
    assert "parley.E007" in told.stderr


def test_it_has_nothing_to_say_of_a_site_in_order(tmp_path: Path) -> None:
    told = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING")
    assert (told.returncode, told.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PARLEY_LIMITS", "{post_chars: 5}", "PARLEY_LIMITS is not JSON"),
        ("PARLEY_LIMITS", '{"post_char": 5}', "post_char=5"),
        ("PARLEY_LIMITS", '{"post_chars": 99999}', "10000 is the most"),
        ("HSTS", "yes", "one of host, subdomains, preload, off"),
        ("PARLEY_MODE", "prod", "one of development, test, production"),
        ("TRUSTED_PROXIES", "nginx", "a whole number"),
    ],
)
def test_it_says_in_a_sentence_what_it_cannot_read(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    told = manage(tmp_path, "check", **{name: value})
    assert told.returncode == 1
    assert told.stderr.startswith("parley: ")
    assert said in told.stderr
    assert "Traceback" not in told.stderr

"""deploy/install and what lies beside it agree; deploy/try-fresh-root runs it for real."""

import re

from config.env import ROOT

DEPLOY = ROOT / "deploy"
INSTALL = (DEPLOY / "install").read_text()


def test_it_starts_every_unit() -> None:
    enabled = INSTALL.partition("systemctl enable")[2].partition("\n    systemctl restart")[0]
    for unit in (DEPLOY / "systemd").glob("*.service"):
        name = unit.stem.removeprefix("parley-").partition("@")[0]
        assert re.search(rf"\b{name}\b", enabled), name


def test_it_has_the_webs_that_nginx_asks() -> None:
    asked = re.findall(r"server 127\.0\.0\.1:(\d+)", (DEPLOY / "nginx.conf").read_text())
    assert f"WEBS=({' '.join(asked)})" in INSTALL


def test_it_gives_redis_the_users_of_compose_and_of_the_page() -> None:
    rights = re.compile(r"user (\w+) on >\S+ (.*)")
    users = dict(rights.findall(INSTALL))
    assert set(users) == {"parley", "relay"}
    assert dict(rights.findall((DEPLOY / "compose.yaml").read_text())) == users
    page = (DEPLOY / "README.md").read_text()
    assert dict(re.findall(r"user (\w+) +on >… (.*)", page)) == users


def test_it_keeps_what_an_operator_may_have_changed() -> None:
    """Settings and the site of nginx are written only where there are none."""
    assert '[ -e "$ENV_FILE" ] || write_settings' in INSTALL
    assert '[ -e "$SITE" ] || write_site' in INSTALL

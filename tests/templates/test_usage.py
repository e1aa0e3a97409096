"""Every template is drawn: by a view or another template, or in the place of a package's own."""

import re
from pathlib import Path

from django.template.utils import get_app_template_dirs

from config.env import ROOT

FOLDER = ROOT / "templates"
APPS = ("accounts", "config", "posts", "spaces")
# Django draws these by itself, by the status.
ERRORS = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}


def named() -> set[str]:
    """Return what stands between quotes in Python and in templates, and may be a template."""
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    files += FOLDER.rglob("*.*")
    quoted = re.compile(r"""["']([\w./-]+)["']""")
    return {name for path in files for name in quoted.findall(path.read_text())}


def of_packages() -> set[str]:
    """Return the names of the templates that packages bring: one of ours goes before theirs."""
    folders = get_app_template_dirs("templates")
    return {str(path.relative_to(folder)) for folder in folders for path in folder.rglob("*.*")}


def test_every_template_is_drawn_somewhere() -> None:
    ours = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.*")}
    used = named()
    unused = {
        name
        for name in ours - of_packages() - ERRORS
        # The two parts of a mail are named without their endings.
        if not {name, name.removeprefix("jinja2/"), str(Path(name).with_suffix(""))} & used
    }
    assert unused == set()

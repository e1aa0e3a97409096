"""Something leads to every page and every action."""

from tests.matrix.routes import routes
from tests.source_tree import PACKAGES, ROOT, sources

APPS = ("accounts:", "posts:", "spaces:")
# Put together: by _switches.html from "posts:", by log.js and upload.js from the address above.
PUT_TOGETHER = {"posts:like", "posts:repost", "posts:bookmark", "posts:message", "posts:voice"}


def test_it_names_every_route_in_a_template_or_in_code() -> None:
    templates = [path for path in (ROOT / "templates").rglob("*.*") if path.is_file()]
    code = [path for path in sources(*PACKAGES) if path.name != "urls.py"]
    text = "\n".join(path.read_text() for path in (*templates, *code))
    ours = {route.name for route in routes() if route.name.startswith(APPS)}
    unnamed = {name for name in ours if f'"{name}"' not in text and f"'{name}'" not in text}
    assert unnamed == PUT_TOGETHER

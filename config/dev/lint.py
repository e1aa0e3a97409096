"""`make lint`: every check that needs no test, all of them even if one fails, with a summary and
one exit code.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.env import ROOT, for_child

BIN = Path(sys.executable).parent
NODE_BIN = BIN.parent / "node" / "node_modules" / ".bin"
TSC, BIOME = NODE_BIN / "tsc", NODE_BIN / "biome"
BIOME_FORMAT = ("format", "--config-path=config/dev", "static", "tests")
PRODUCTION = {
    "PARLEY_MODE": "production",
    "SECRET_KEY": "only-for-the-check-" + "0123456789abcdef" * 4,
    "ALLOWED_HOSTS": "parley.example",
    "ORIGINS": "https://parley.example",
    "DATABASE_URL": "sqlite://:memory:",
    "REDIS_URL": "redis://localhost:6379/0",
    "EMAIL_URL": "smtp://localhost:25",
    "EMAIL_FROM": "Parley <parley@parley.example>",
    "TRUSTED_PROXIES": "1",
}


@dataclass(frozen=True)
class Check:
    name: str
    argv: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict)


def main() -> int:
    """Run all checks; return 1 if any failed."""
    failed = [check.name for check in checks() if not passes(check)]
    if failed:
        say(f"lint failed: {', '.join(failed)}")
    return 1 if failed else 0


def checks() -> Iterator[Check]:
    manage = (sys.executable, "manage.py")
    yield Check("format", (str(BIN / "ruff"), "format", "--check", "."))
    yield Check("ruff", (str(BIN / "ruff"), "check", "."))
    yield Check("dead code", (sys.executable, "-m", "config.dev.dead_code"))
    djlint = (str(BIN / "djlint"), "--lint", "--quiet")
    compiled = "templates/jinja2"
    yield Check("templates", (*djlint, "templates", "--extend-exclude", compiled))
    yield Check("compiled templates", (*djlint, "--profile", "jinja", compiled))
    measure = (sys.executable, "-m", "config.dev.measure")
    yield Check("template lines", (*measure, "--list", "templates", "--none"))
    yield Check("django", (*manage, "check", "--fail-level", "WARNING"), {"PARLEY_MODE": "test"})
    yield Check("deploy", (*manage, "check", "--deploy", "--fail-level", "WARNING"), PRODUCTION)
    yield Check("deployment", (sys.executable, "-m", "config.dev.deployment"))
    yield Check("migrations", (*manage, "makemigrations", "--check", "--dry-run"))
    yield Check("wire", (sys.executable, "-m", "config.dev.wire", "--check"))
    yield from script_checks()
    yield Check("types", (str(BIN / "mypy"), "."))


def script_checks() -> Iterator[Check]:
    """The checks of scripts and styles: units with any node, types and form where npm could install
    TypeScript and Biome, else the syntax.
    """
    node = node_path()
    units = sorted(str(path) for path in (ROOT / "tests" / "static").rglob("*.test.mjs"))
    yield Check("script units", (node, "--test", "--test-reporter=dot", *units))
    if TSC.exists() and BIOME.exists():
        yield Check("script types", (node, str(TSC), "--project", "static/js/jsconfig.json"))
        yield Check("script and style format", (node, str(BIOME), *BIOME_FORMAT))
        return
    say("TypeScript and Biome come with npm, which is not here: only the syntax is checked")
    for script in sorted((ROOT / "static" / "js").rglob("*.js")):
        yield Check(f"syntax of {script.relative_to(ROOT)}", (node, "--check", str(script)))


def node_path() -> str:
    """Return a node: the machine's own, else the one inside the playwright wheel."""
    own = shutil.which("node")
    if own:
        return own
    wheel = importlib.util.find_spec("playwright")
    if wheel is None or wheel.origin is None:
        raise FileNotFoundError(
            "There is no node on PATH, nor the playwright wheel, which brings one."
        )
    return str(Path(wheel.origin).parent / "driver" / "node")


def passes(check: Check) -> bool:
    """Run one check; its output is shown only if it fails."""
    started_at = time.monotonic()
    done = subprocess.run(
        check.argv,
        cwd=ROOT,
        env=for_child(**check.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    took_s = time.monotonic() - started_at
    if done.returncode == 0:
        say(f"{check.name} ok ({took_s:.1f} s)")
        return True
    sys.stdout.flush()
    os.write(sys.stdout.fileno(), done.stdout)
    say(f"{check.name} FAILED ({took_s:.1f} s)")
    return False


def say(text: str) -> None:
    sys.stdout.write(f"parley: {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

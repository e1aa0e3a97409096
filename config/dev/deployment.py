"""`python -m config.dev.deployment`: what deploy/ has, read by the tools that will read it.

nginx, systemd, Docker's compose and hadolint, each where it is there; the others are named. Their
own complaint is shown. Nothing is started, and no file of the machine is touched.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from config.env import ROOT, for_child

DEPLOY = ROOT / "deploy"
# What compose asks for; any words do where nothing is started.
SETTINGS = (
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "ORIGINS",
    "RELAY_ADDRESSES",
    "POSTGRES_PASSWORD",
    "REDIS_PASSWORD",
    "RELAY_REDIS_PASSWORD",
)
# A tag of a minor release gets mends of holes; pinning a digest would keep them out.
HADOLINT = ("--failure-threshold", "warning")
# A certificate for nobody: nginx -t reads one.
CERTIFICATE = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=x")


def main() -> int:
    """Run every check whose tool is there; return 1 if one failed."""
    checks: dict[str, Callable[[Path], bool]] = {
        "nginx": check_nginx,
        "systemd-analyze": check_units,
        "docker": check_compose,
        "hadolint": check_image,
        "bash": check_scripts,
    }
    failed = 0
    for tool, check in checks.items():
        with tempfile.TemporaryDirectory() as folder:
            try:
                failed += not check(Path(folder))
            except FileNotFoundError:
                print(f"{tool} is not here, and what it reads stays unchecked")  # noqa: T201
    return 1 if failed else 0


def check_nginx(folder: Path) -> bool:
    """The site within a least configuration around it; its paths lead into `folder`."""
    pair = ("-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem")
    run("nginx", "-v")
    run("openssl", *CERTIFICATE, *pair)
    site = (DEPLOY / "nginx.conf").read_text()
    site = site.replace("/etc/ssl/parley/", f"{folder}/").replace("/var/log/nginx/", f"{folder}/")
    (folder / "site.conf").write_text(site)
    around = f"pid {folder}/pid; error_log stderr; events {{}} http {{ include site.conf; }}"
    (folder / "nginx.conf").write_text(around)
    return run("nginx", "-t", "-q", "-p", folder, "-c", folder / "nginx.conf")


def check_units(folder: Path) -> bool:
    """The units, with this checkout in place of /opt/parley and a harmless environment."""
    programs = {
        "/opt/parley/.venv/bin/": f"{Path(sys.executable).parent}/",
        "/opt/parley": f"{ROOT}",
    }
    for unit in (DEPLOY / "systemd").iterdir():
        text = unit.read_text()
        for usual, here in programs.items():
            text = text.replace(usual, here)
        (folder / unit.name).write_text(text)
    names = list(folder.iterdir())
    return run("systemd-analyze", "verify", "--man=no", *names, is_silent=True)


def check_compose(folder: Path) -> bool:
    """By Docker's plugin, or by the older program, which knows no `name`."""
    settings = folder / "settings"
    settings.write_text("".join(f"{name}=x\n" for name in SETTINGS))
    file = DEPLOY / "compose.yaml"
    program: tuple[str, ...] = ("docker", "compose")
    if not is_there("docker", "compose", "version"):
        program = ("docker-compose",)
        text = re.sub(r"^name: .*$", "", file.read_text(), flags=re.MULTILINE)
        file = folder / "compose.yaml"
        file.write_text(text)
    return run(*program, "-f", file, "--env-file", settings, "config", "--quiet")


def check_image(folder: Path) -> bool:
    here = Path(sys.executable).parent / "hadolint"
    program = here if here.exists() else "hadolint"
    return run(program, *HADOLINT, DEPLOY / "Dockerfile")


def check_scripts(folder: Path) -> bool:
    scripts = [path for path in DEPLOY.iterdir() if path.is_file() and is_script(path)]
    # One at a time: bash takes further names for arguments of the first.
    found = [run("bash", "-n", script) for script in scripts]
    return all(found)


def is_script(path: Path) -> bool:
    return path.read_bytes().startswith(b"#!/bin/bash")


def is_there(*argv: str) -> bool:
    if shutil.which(argv[0]) is None:
        return False
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0


def run(*argv: str | Path, is_silent: bool = False) -> bool:
    """Return whether the program found nothing; show what it said otherwise.

    One that `is_silent` when all is well says by words alone that something is not: systemd goes
    on without a line that it cannot read. Raises FileNotFoundError.
    """
    words = [str(word) for word in argv]
    path = shutil.which(words[0], path=f"{for_child()['PATH']}:/usr/sbin:/sbin")
    if path is None:
        raise FileNotFoundError(words[0])
    done = subprocess.run([path, *words[1:]], capture_output=True, text=True, check=False)
    is_fine = done.returncode == 0 and not (is_silent and done.stderr)
    if not is_fine:
        print(f"{words[0]}: {done.stdout}{done.stderr}")  # noqa: T201
    return is_fine


if __name__ == "__main__":
    sys.exit(main())

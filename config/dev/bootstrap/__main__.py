"""Makes `.venv` and installs the pinned requirements; run by the Makefile with the system's Python.

Nothing is installed yet when this runs, and the Python may be any version 3, so it uses the
standard library alone and no syntax newer than 3.7. A stamp with the hash of the requirement files
makes a second run take a blink.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from typing import NoReturn

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
# Several checkouts may share one by a link; its scripts name the place where it really is.
VENV = os.path.realpath(os.path.join(ROOT, ".venv"))
OLDEST = (3, 11)
NEWER = [f"python3.{minor}" for minor in (14, 13, 12, 11)]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The type checker and the formatter of scripts and styles; npm brings them, as they are not Python.
NODE_PACKAGES = ("typescript@5.9.3", "@biomejs/biome@2.6.8")


def main(wanted: list[str]) -> int:
    """Install what `wanted` names: nothing or "dev". Return the exit code."""
    if sys.version_info < OLDEST:
        return run_with_newer_python()
    os.makedirs(VENV, exist_ok=True)
    with open(os.path.join(VENV, ".lock"), "w") as lock:
        # Two `make` in one checkout must not install over each other.
        fcntl.flock(lock, fcntl.LOCK_EX)
        dev = "dev" in wanted
        install("requirements-dev.txt" if dev else "requirements.txt")
        if dev:
            require_browser()
            install_node_packages()
    return 0


def run_with_newer_python() -> int:
    for name in NEWER:
        found = shutil.which(name)
        if found:
            return subprocess.call([found, os.path.abspath(__file__), *sys.argv[1:]])
    major, minor = sys.version_info[:2]
    stop(
        f"Parley needs Python 3.11 or newer; this is {major}.{minor}. "
        "Install a newer python3 and try again."
    )


def install(requirements: str) -> None:
    """Install a requirements file unless exactly its contents, or more, are installed already."""
    wanted = fingerprint(requirements)
    stamp = os.path.join(VENV, ".installed-" + requirements)
    if read(stamp) == wanted:
        return
    make_environment()
    say(f"installing {requirements} (half a minute or two) ...")
    if pip("install", "-r", os.path.join(ROOT, requirements)) != 0:
        stop(
            "Installing the requirements failed; the lines above say why. "
            "Is there a connection to the package index?"
        )
    for done in ("requirements.txt", requirements):  # The development set includes the other.
        with open(os.path.join(VENV, ".installed-" + done), "w") as file:
            file.write(fingerprint(done))


def make_environment() -> None:
    python = os.path.join(VENV, "bin", "python")
    if works(python):
        return
    try:
        import ensurepip  # noqa: F401  Debian ships it apart, in python3-venv.
        import venv
    except ImportError:
        stop(
            "Python's venv module is missing: run `sudo apt-get install python3-venv`, "
            "then try again."
        )
    say("making the environment in .venv ...")
    try:
        venv.EnvBuilder(
            with_pip=True, clear=os.path.exists(os.path.join(VENV, "pyvenv.cfg"))
        ).create(VENV)
    except (OSError, subprocess.CalledProcessError) as error:
        stop(
            f"The environment in .venv could not be made ({error}): "
            "run `sudo apt-get install python3-venv`, remove .venv and try again."
        )


def works(python: str) -> bool:
    """True if the environment's Python runs and has pip, and its scripts name it: moving a checkout
    breaks them.
    """
    # Its first line, or the third if the path is long.
    if python not in read(os.path.join(VENV, "bin", "pip"))[:500]:
        return False
    try:
        return subprocess.call([python, "-c", "import pip"], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def pip(*arguments: str) -> int:
    calm = ["--disable-pip-version-check", "--no-input", "--quiet"]
    environ = dict(os.environ, PIP_ROOT_USER_ACTION="ignore")
    return subprocess.call(
        [os.path.join(VENV, "bin", "python"), "-m", "pip", *arguments, *calm], env=environ
    )


def require_browser() -> None:
    """Make sure that a Chromium from the distribution is there; the browser tests drive it."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    apt = shutil.which("apt-get")
    if not (apt and os.geteuid() == 0):
        stop(
            "The browser tests need Chromium: run `sudo apt-get install chromium`, then try again."
        )
    say("installing chromium ...")
    environ = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    subprocess.call([apt, "update", "-qq"], env=environ)
    if (
        subprocess.call(
            [apt, "install", "-y", "-qq", "--no-install-recommends", "chromium"], env=environ
        )
        != 0
    ):
        stop(
            "Chromium could not be installed with apt-get, and the browser tests need one on PATH."
        )


def install_node_packages() -> None:
    """Install NODE_PACKAGES where npm is there; `make lint` says so if it is not."""
    target = os.path.join(VENV, "node")
    wanted = " ".join(NODE_PACKAGES)
    npm = shutil.which("npm")
    if not npm or read(os.path.join(target, ".installed")) == wanted:
        return
    os.makedirs(target, exist_ok=True)
    calm = ["--no-save", "--no-audit", "--no-fund", "--silent"]
    if subprocess.call([npm, "install", "--prefix", target, *calm, *NODE_PACKAGES]) != 0:
        say(f"npm could not install {wanted}; the scripts' types and form stay unchecked")
        return
    with open(os.path.join(target, ".installed"), "w") as file:
        file.write(wanted)


def fingerprint(requirements: str) -> str:
    """Hash the file, those it includes, and the Python they are for."""
    digest = hashlib.sha256(repr((sys.version_info[:2], sys.platform, VENV)).encode())
    for name in sorted({"requirements.txt", requirements}):
        digest.update(read(os.path.join(ROOT, name)).encode())
    return digest.hexdigest()


def read(path: str) -> str:
    """Return a file's text, or "" if there is none."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def say(text: str) -> None:
    sys.stdout.write(f"parley: {text}\n")
    sys.stdout.flush()


def stop(sentence: str) -> NoReturn:
    sys.stderr.write(f"parley: {sentence}\n")
    sys.exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Debian's nginx before the webs of a test, with the configuration that is shipped."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.stack.folders import temporary_folder
from tests.stack.parley import ROOT, free_port
from tests.stack.waiting import wait_until

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
needs_nginx = pytest.mark.skipif(
    not Path(NGINX).exists(), reason="There is no nginx here (apt install nginx-light)."
)
MAIN = """
daemon off;
master_process off;
error_log {folder}/error.log warn;
pid {folder}/pid;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{site}
}}
"""


def site_for(port: int, webs: Sequence[int], folder: Path) -> str:
    """Return `deploy/nginx.conf` for these ports, without TLS, which a test has no certificate for.

    Raises AssertionError if the file is not what this was written for.
    """
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    upstreams = re.findall(r"^ *server 127\.0\.0\.1:\d+[^\n]*;$", text, re.MULTILINE)
    assert len(upstreams) == 2
    for line, web in zip(upstreams, webs, strict=True):
        text = text.replace(line, re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{web}", line))
    text = re.sub(
        r"^ *(ssl_certificate|access_log|listen \[::\]).*\n", "", text, flags=re.MULTILINE
    )
    # The webs send scripts and styles here: they are collected in production alone.
    text = re.sub(r"^ *location /static/ \{.*?\}\n", "", text, flags=re.MULTILINE | re.DOTALL)
    text = text.replace("parley.example", "localhost")
    text = re.sub(r"listen 80\b[^;]*;", f"listen 127.0.0.1:{free_port()};", text)
    text = re.sub(r"listen 443\b[^;]*;", f"listen 127.0.0.1:{port};", text)
    return text


@contextmanager
def running_nginx(webs: Sequence[int], port: int) -> Iterator[Path]:
    """Run it at `port` before the two webs; yield its folder (`error.log`)."""
    folder = temporary_folder("nginx")
    path = folder / "nginx.conf"
    path.write_text(MAIN.format(folder=folder, site=site_for(port, webs, folder)))
    process = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(path)])
    try:
        wait_until((folder / "pid").exists, "nginx is up")
        yield folder
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)

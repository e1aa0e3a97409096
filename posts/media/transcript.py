"""What is said in a recording, by the engine of the captions.

It runs as a process of its own: its models are large, and whether there is one is known to
media_relay/egress alone.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from config.env import ROOT, for_child

CHILD_S = 240  # 140 s of sound on a busy core; the task's own limit is 300 s.


def of(opus: bytes, language: str) -> str:
    """Return the words in an Ogg Opus file.

    Raises ValueError when no engine covers the language, or it fails, or it takes too long.
    """
    with tempfile.NamedTemporaryFile(suffix=".ogg", prefix="parley-words-") as file:
        file.write(opus)
        file.flush()
        return _ask_child(Path(file.name), language)


def _ask_child(path: Path, language: str) -> str:
    command = [
        sys.executable,
        "-m",
        "media_relay.egress.transcribe",
        str(path),
        "--language",
        language,
    ]
    try:
        child = subprocess.run(
            command,
            cwd=ROOT,
            env=for_child(),
            capture_output=True,
            timeout=CHILD_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise ValueError("The transcript takes too long.") from error
    if child.returncode != 0:
        raise ValueError("No transcript for this recording.")
    said = json.loads(child.stdout)
    if not isinstance(said, dict) or not isinstance(said.get("text"), str):
        raise ValueError("The transcript is not what it should be.")
    return str(said["text"]).strip()

"""The transcript of a voice clip, by the engine of the captions.

It runs in a process of its own: its models are large, and only media_relay/egress knows whether
there is one.
"""

import json
import subprocess
import sys
import tempfile

from config.env import ROOT, for_child

CHILD_S = 240  # 140 s of sound on a busy core; the task's own limit is 300 s.


def of(opus: bytes, language: str) -> str:
    """Return what is said in an Ogg Opus file.

    Raises ValueError when no engine covers the language, or it fails, or it takes too long.
    """
    with tempfile.NamedTemporaryFile(suffix=".ogg", prefix="parley-words-") as file:
        file.write(opus)
        file.flush()
        program = [sys.executable, "-m", "media_relay.egress.transcribe"]
        try:
            child = subprocess.run(
                [*program, file.name, "--language", language],
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
    answer = json.loads(child.stdout)
    if not isinstance(answer, dict) or not isinstance(answer.get("text"), str):
        raise ValueError("The transcript is not what it should be.")
    return str(answer["text"])

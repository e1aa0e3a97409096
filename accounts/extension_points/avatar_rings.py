"""The ring around an avatar: a tap leads to what its person is doing (RULES §1)."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Ring:
    """`live`: on stage now; `fleet`: something unseen; `seen`: Fleets the viewer has seen."""

    url: str
    kind: Literal["live", "fleet", "seen"]

"""Pages as tests read them, however a template breaks its lines."""

import re
from typing import Protocol


class Answer(Protocol):
    """A response of Django, or of its test client."""

    @property
    def content(self) -> bytes: ...


def folded(response: Answer) -> str:
    """Return the page with every run of blanks as one, and none before the end of a tag."""
    page = re.sub(r"\s+", " ", response.content.decode())
    return page.replace(" >", ">")

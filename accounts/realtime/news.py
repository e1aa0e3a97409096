"""What an app says that people should have been told lately (`Extension.recent_news`)."""

from collections.abc import Hashable
from dataclasses import dataclass

from accounts.realtime.messages import PersonMessage


@dataclass(frozen=True)
class CountedFrom:
    """Something that the number `name` is made of; where it is new, the number is counted anew."""

    name: str
    thing: Hashable


# With the id of the user whom it concerns.
News = tuple[int, PersonMessage | CountedFrom]

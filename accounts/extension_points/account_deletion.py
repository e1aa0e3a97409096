"""The registry of what happens when somebody leaves for good. posts and spaces bring theirs in
AppConfig.ready():

    farewells.register(on_leaving=end_their_rooms, on_emptying=delete_their_posts)

`on_leaving` runs when they ask for it, while they still are themselves: what others would go on
seeing ends now. `on_emptying` runs when it is final, before the row goes: what a cascade would not
count or could not hold in one go. Both may run twice.
"""

from collections.abc import Callable

from accounts.models import User

Farewell = Callable[[User], None]

_leaving: list[Farewell] = []
_emptying: list[Farewell] = []


def register(*, on_leaving: Farewell | None = None, on_emptying: Farewell | None = None) -> None:
    if on_leaving:
        _leaving.append(on_leaving)
    if on_emptying:
        _emptying.append(on_emptying)


def leaving(person: User) -> None:
    for farewell in _leaving:
        farewell(person)


def emptying(person: User) -> None:
    for farewell in _emptying:
        farewell(person)

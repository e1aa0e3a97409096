"""The reactions of a room, as a viewer reads them."""

from django.utils import translation

from spaces.rooms.reactions import REACTIONS, named_reactions


def test_it_names_each_in_the_language_of_now() -> None:
    with translation.override("id"):
        names = dict(named_reactions())
    assert list(names) == list(REACTIONS)
    assert names["👏"] == "tepuk tangan"

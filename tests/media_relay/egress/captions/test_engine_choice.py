import importlib.util
from collections.abc import Callable
from importlib.machinery import ModuleSpec

import pytest

from media_relay.egress.captions import engine_choice
from media_relay.egress.captions.engine_choice import Unavailable, require


def installed(*names: str) -> Callable[[str], ModuleSpec | None]:
    return lambda name: importlib.util.find_spec("json") if name in names else None


@pytest.mark.parametrize(
    ("packages", "language", "model", "reason"),
    [
        (["pocketsphinx"], "en", "", ""),
        (["pocketsphinx"], "en-GB", "", ""),
        (["pocketsphinx"], "EN_us", "", ""),
        (["pocketsphinx"], "id", "", "language"),
        (["pocketsphinx"], "", "", "language"),
        (["pocketsphinx"], "id", "/models/small", "language"),
        ([], "en", "", "no_engine"),
        ([], "en", "/models/small", "no_engine"),
        (["pocketsphinx", "faster_whisper"], "id", "/models/small", ""),
        (["faster_whisper"], "id", "", "no_engine"),
    ],
)
def test_it_knows_which_languages_are_covered(
    monkeypatch: pytest.MonkeyPatch, packages: list[str], language: str, model: str, reason: str
) -> None:
    """Without pocketsphinx is every Python from 3.14 on."""
    monkeypatch.setattr(engine_choice, "find_spec", installed(*packages))
    if not reason:
        require(language, model)
        return
    with pytest.raises(Unavailable) as refused:
        require(language, model)
    assert refused.value.reason == reason

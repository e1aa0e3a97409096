from pathlib import Path

import pytest

from media_relay.config import ConfigError
from media_relay.egress.config import read


def test_it_has_a_default_for_everything() -> None:
    config = read({})
    assert config.egress.startswith("egress-")
    assert config.egress != read({}).egress
    assert config.recordings.name == "recordings"
    assert config.caption_model == ""


def test_it_takes_what_the_environment_says(tmp_path: Path) -> None:
    config = read(
        {
            "EGRESS_ID": "e-1",
            "DATA_DIR": str(tmp_path),
            "CAPTION_MODEL": str(tmp_path),
            "CAPTION_PROCESSES": "4",
        }
    )
    assert (config.egress, config.recordings) == ("e-1", tmp_path / "recordings")
    assert (config.caption_model, config.caption_processes) == (str(tmp_path), 4)


@pytest.mark.parametrize(
    ("name", "value"),
    [("EGRESS_ID", "a b"), ("EGRESS_ID", "x" * 65), ("CAPTION_MODEL", "/no/such/folder")]
    + [("CAPTION_PROCESSES", value) for value in ("0", "-1", "many", "65")],
)
def test_it_says_which_variable_is_wrong(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        read({name: value})

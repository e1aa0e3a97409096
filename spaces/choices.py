"""What people choose from when they name a Space: languages by their names, places by their clocks."""

import datetime as dt
import zoneinfo
from functools import lru_cache

from django.conf.locale import LANG_INFO
from django.utils import timezone
from django.utils.translation import gettext

from spaces.services import scheduling

# Those that Django has no name for.
OWN_NAMES = {"jv": "Basa Jawa", "su": "Basa Sunda", "zh": "中文"}
UTC = zoneinfo.ZoneInfo("UTC")


def language_choices() -> list[tuple[str, str]]:
    """Return (code, name) of every language a Space can be held in."""
    return [(code, language_name(code)) for code in scheduling.languages()]


def language_name(code: str) -> str:
    """Return the name in the viewer's language; of those Django does not know, the name it gives
    itself.
    """
    if code in OWN_NAMES:
        return OWN_NAMES[code]
    info = LANG_INFO.get(code, {})
    return gettext(info["name"]) if "name" in info else code


def zone_choices() -> list[tuple[str, str]]:
    return _zones(timezone.now().date())


@lru_cache(maxsize=2)
def _zones(today: dt.date) -> list[tuple[str, str]]:
    """Return every place with its clock of `today`, from west to east: "Jakarta (WIB, UTC+7)"."""
    noon = dt.datetime.combine(today, dt.time(12), UTC)
    names = [
        name
        for name in zoneinfo.available_timezones()
        if "/" in name and not name.startswith("Etc/")
    ]
    rows = [(noon.astimezone(zoneinfo.ZoneInfo(name)), name) for name in [*names, "UTC"]]
    rows.sort(key=lambda row: (_offset(row[0]), row[1]))
    return [(name, _label(local, name)) for local, name in rows]


def _offset(local: dt.datetime) -> int:
    """Return minutes east of UTC."""
    return int((local.utcoffset() or dt.timedelta()).total_seconds()) // 60


def _label(local: dt.datetime, name: str) -> str:
    place = name.rpartition("/")[2].replace("_", " ")
    letters = local.tzname() or ""
    # Where a place has no letters for its clock, tzname() is a number that says nothing new.
    short = f"{letters}, " if letters.isalpha() and letters != "UTC" else ""
    return f"{place} ({short}UTC{_signed(_offset(local))})"


def clock_name(local: dt.datetime) -> str:
    """Return what the clocks of an aware time are called:

    "WIB", or "UTC−5" where they have no letters.
    """
    letters = local.tzname() or ""
    return letters if letters.isalpha() else f"UTC{_signed(_offset(local))}"


def offset_label(letters: str, minutes: int) -> str:
    """ "CEST (UTC+2)", or "UTC+10:30" where the clocks have no letters."""
    offset = f"UTC{_signed(minutes)}"
    return f"{letters} ({offset})" if letters.isalpha() and letters != "UTC" else offset


def _signed(minutes: int) -> str:
    if minutes == 0:
        return ""
    hours, rest = divmod(abs(minutes), 60)
    return f"{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02d}" if rest else "")

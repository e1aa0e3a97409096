"""What a host chooses from: languages by their names, places by their clocks."""

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
    """Return the name in the viewer's language.

    Of those Django does not know, the name the language gives itself.
    """
    if code in OWN_NAMES:
        return OWN_NAMES[code]
    info = LANG_INFO.get(code, {})
    # Django's own catalogues translate these names.
    return gettext(info["name"]) if "name" in info else code


def zone_choices() -> list[tuple[str, str]]:
    """Return every place with today's clock, from west to east: "Jakarta (WIB, UTC+7)"."""
    return _zone_choices_of(timezone.now().date())


@lru_cache(maxsize=2)  # Some hundred zones are read from disk; around midnight two days are asked.
def _zone_choices_of(today: dt.date) -> list[tuple[str, str]]:
    noon = dt.datetime.combine(today, dt.time(12), UTC)
    # "Etc/GMT+5" and old names without a place say nothing to people.
    places = [
        name
        for name in zoneinfo.available_timezones()
        if "/" in name and not name.startswith("Etc/")
    ]
    rows = []
    # "UTC" has no slash, and is what an account without a choice has.
    for name in [*places, "UTC"]:
        local = noon.astimezone(zoneinfo.ZoneInfo(name))
        minutes = int((local.utcoffset() or dt.timedelta()).total_seconds()) // 60
        place = name.rpartition("/")[2].replace("_", " ")
        letters = local.tzname() or ""
        # Where a place has no letters for its clock, tzname() is a number that says nothing new.
        short = f"{letters}, " if letters.isalpha() and letters != "UTC" else ""
        rows.append((minutes, name, f"{place} ({short}UTC{_signed(minutes)})"))
    return [(name, label) for _minutes, name, label in sorted(rows)]


def clock_name(local: dt.datetime) -> str:
    """Return what the clocks of an aware time are called.

    "WIB", or "UTC−5" where they have no letters.
    """
    letters = local.tzname() or ""
    if letters.isalpha():
        return letters
    offset = local.utcoffset() or dt.timedelta()
    return f"UTC{_signed(int(offset.total_seconds()) // 60)}"


def offset_label(letters: str, minutes: int) -> str:
    """Return "CEST (UTC+2)", or "UTC+10:30" where the clocks have no letters."""
    offset = f"UTC{_signed(minutes)}"
    return f"{letters} ({offset})" if letters.isalpha() and letters != "UTC" else offset


def _signed(minutes: int) -> str:
    """Return "+7", "−3:30", or "" for UTC itself."""
    if minutes == 0:
        return ""
    sign = "+" if minutes > 0 else "−"
    hours, rest = divmod(abs(minutes), 60)
    return f"{sign}{hours}:{rest:02d}" if rest else f"{sign}{hours}"

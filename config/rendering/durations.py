"""How long something lasts, in words: a limit in seconds as people read it in a sentence."""

from django.utils.translation import ngettext


def in_words(duration_s: int) -> str:
    """Return "30 days", "24 hours" or "90 minutes": the largest unit that loses nothing.

    A day is written as hours ("24 hours"), since a limit of a day is meant to the hour.
    """
    if duration_s >= 2 * 86400 and duration_s % 86400 == 0:
        days = duration_s // 86400
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    if duration_s >= 3600 and duration_s % 3600 == 0:
        hours = duration_s // 3600
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    if duration_s >= 60 and duration_s % 60 == 0:
        minutes = duration_s // 60
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return ngettext("%(n)d second", "%(n)d seconds", duration_s) % {"n": duration_s}

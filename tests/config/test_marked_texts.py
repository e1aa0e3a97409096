"""A marked text is found wherever it stands, and only a whole translation counts as one."""

from collections.abc import Callable

import pytest

from tests.config.marked_texts import (
    Marked,
    Marks,
    in_python,
    in_script,
    in_template,
    lacking,
    translated,
)

CATALOGUE = """msgid ""
msgstr "Language: id\\n"

msgid "known"
msgstr "dikenal"

msgid "%(n)s day"
msgid_plural "%(n)s days"
msgstr[0] "%(n)s hari"

msgctxt "month"
msgid "May"
msgstr "Mei"

#, fuzzy
msgid "guessed"
msgstr "ditebak"

msgid "empty"
msgstr ""

msgid "half"
msgid_plural "halves"
msgstr[0] ""

msgid ""
"in two "
"lines"
msgstr "dalam \\"dua\\" baris"

#~ msgid "obsolete"
#~ msgstr "usang"
"""


@pytest.mark.parametrize(
    ("read", "source", "found"),
    [
        (in_python, '_("a" " b")', Marked("a b")),
        (in_python, 'translation.gettext_lazy("a")', Marked("a")),
        (in_python, 'gettext_noop("a")', Marked("a")),
        (in_python, 'ngettext("a", "b", n)', Marked("a", "b")),
        (in_python, 'pgettext("c", "a")', Marked("a", context="c")),
        (in_python, 'npgettext_lazy("c", "a", "b", n)', Marked("a", "b", "c")),
        (in_template, '{% trans "a" %}', Marked("a")),
        (in_template, '{% translate "a" context "c" %}', Marked("a", context="c")),
        (in_template, "{% blocktranslate %}a {{ n }}{% endblocktranslate %}", Marked("a %(n)s")),
        (
            in_template,
            "{% blocktrans count n=k %}a{% plural %}b{% endblocktrans %}",
            Marked("a", "b"),
        ),
        (in_template, '{% include "x" with title=_("a") %}', Marked("a")),
        (in_template, '{{ _("a, %(n)s")|format(n=count) }}', Marked("a, %(n)s")),
        (in_script, 'say(gettext("a" +\n "b"))', Marked("ab")),
        (in_script, "`<p>${gettext('a')}</p>`", Marked("a")),
        (in_script, "gettext(`a`)", Marked("a")),
        (in_script, 'ngettext(\n"a",\n"b",\n n,\n)', Marked("a", "b")),
        (in_script, 'pgettext("c", "a")', Marked("a", context="c")),
    ],
)
def test_it_finds_a_marked_text(read: Callable[[str], Marks], source: str, found: Marked) -> None:
    assert read(source) == Marks(frozenset({found}))


@pytest.mark.parametrize(
    ("read", "source"),
    [
        (in_python, "from django.utils.translation import gettext as t"),
        (in_python, "from django.utils.translation import ngettext as _n"),
        (in_python, "t = translation.gettext"),
        (in_python, '_(f"a {name}")'),
        (in_python, '_("a" if one else "b")'),
        (in_python, '_("a" + name)'),
        (in_script, 'import { gettext as t } from "../i18n.js";'),
        (in_script, "const t = gettext;"),
        (in_script, 'gettext("a" + name)'),
        (in_script, "gettext(`a ${name}`)"),
        (in_script, 'gettext(one ? "a" : "b")'),
        (in_script, 'ngettext("a", other, n)'),
    ],
)
def test_it_names_a_mark_that_makemessages_overlooks(
    read: Callable[[str], Marks], source: str
) -> None:
    assert len(read(source).unreadable) == 1
    assert not read(source).texts


def test_it_passes_over_what_was_marked_elsewhere() -> None:
    assert in_python("gettext(name)\n_(kind.label)") == Marks(frozenset())
    assert in_script("gettext(name)") == Marks(frozenset())


@pytest.mark.parametrize(
    ("marked", "is_lacking"),
    [
        (Marked("known"), False),
        (Marked("%(n)s day", "%(n)s days"), False),
        (Marked("%(n)s day"), False),
        (Marked("May", context="month"), False),
        (Marked("in two lines"), False),
        (Marked("unknown"), True),
        (Marked("known", "knowns"), True),
        (Marked("%(n)s day", "%(n)s other days"), True),
        (Marked("May"), True),
        (Marked("known", context="month"), True),
        (Marked("guessed"), True),
        (Marked("empty"), True),
        (Marked("half", "halves"), True),
        (Marked("obsolete"), True),
    ],
)
def test_it_counts_only_a_whole_translation(marked: Marked, is_lacking: bool) -> None:
    assert list(lacking([marked], translated(CATALOGUE))) == [marked] * is_lacking

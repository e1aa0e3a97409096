"""What a template is before Django compiles it."""

import pytest

from config.rendering.lean_templates import lean


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("<p>\n    A\n\tb\n</p>", "<p>\nA\nb\n</p>"),
        ("a\n  {% if x %}\n  b\n  {% endif %}\nc", "a\n{% if x %}b\n{% endif %}c"),
        ("a\n{# Why. #}\nb", "a\n{# Why. #}b"),
        ("{% url 'x' as y %}\n{% url 'x' %}\n", "{% url 'x' as y %}\n{% url 'x' %}\n"),
        ("a\n{% icon 'x' %}\nb", "a\n{% icon 'x' %}\nb"),
        ("a {% if x %}\nb{% endif %}\nc", "a {% if x %}\nb{% endif %}\nc"),
    ],
)
def test_it_leaves_out_what_only_the_source_needs(source: str, left: str) -> None:
    """Between two words, and between a word and an icon, a blank stays a blank."""
    assert lean(source) == left

"""Form fields of people's words: measured, and asked for, after `config.text` has cleaned them."""

from django import forms

from config.text import line, lines


class LineField(forms.CharField):
    def to_python(self, value: object) -> str:
        return line(super().to_python(value) or "")


class LinesField(forms.CharField):
    def to_python(self, value: object) -> str:
        return lines(super().to_python(value) or "")

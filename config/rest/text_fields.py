"""Serializer fields of people's words: measured after `config.text` has cleaned them."""

from collections.abc import Callable

from rest_framework import serializers

from config import text


class _WordsField(serializers.CharField):
    clean_text: Callable[[str], str]

    def to_internal_value(self, data: str) -> str:
        cleaned = self.clean_text(super().to_internal_value(data))
        if not cleaned and not self.allow_blank:
            self.fail("blank")
        return cleaned


class LineField(_WordsField):
    clean_text = staticmethod(text.line)


class LinesField(_WordsField):
    clean_text = staticmethod(text.lines)

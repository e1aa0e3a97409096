"""Columns of people's words. Whatever writes them, the row holds what `config.text` leaves."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Combinable
from django.forms import Textarea
from django.forms.fields import Field as FormField
from django.forms.widgets import Widget

from config import text
from config.http import text_fields


class _WordsField(models.CharField[str | Combinable, str]):
    """Cleans when it is saved, so that a service, an admin page and a shell cannot forget it.

    What is searched for is not cleaned, and what is read is as it stands.
    """

    clean_text: Callable[[str], str]
    form_class: type[FormField]
    widget: type[Widget] | None = None

    def deconstruct(self) -> tuple[str, str, Any, Any]:  # Any: Django's signature.
        """As the column that it is: migrations need no change where a field begins to clean."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    # Any: Django's signature.
    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Leave in the object what the row holds."""
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = self.clean_text(value)
            setattr(model_instance, self.attname, value)
        return value

    # Any: Django's signature. `QuerySet.update` comes here alone.
    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        cleaned = self.clean_text(value) if isinstance(value, str) else value
        return super().get_db_prep_save(cleaned, connection)

    def formfield(self, **kwargs: Any) -> Any:  # Any: Django's signature.
        chosen: dict[str, Any] = {"form_class": self.form_class}
        if self.widget is not None:
            chosen["widget"] = self.widget
        return super().formfield(**{**kwargs, **chosen})


class LineField(_WordsField):
    clean_text = staticmethod(text.line)
    form_class = text_fields.LineField


class LinesField(_WordsField):
    clean_text = staticmethod(text.lines)
    form_class = text_fields.LinesField
    # The admin would offer one line, and a browser drops line ends from what stands in one.
    widget = Textarea

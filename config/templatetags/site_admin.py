"""What the pages of the staff's site draw otherwise than Django."""

from typing import Any

from django import template
from django.contrib.admin.helpers import AdminReadonlyField
from django.contrib.admin.utils import lookup_field
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db.models import ManyToOneRel, Model

register = template.Library()


# Any: Django types no context.
@register.simple_tag(takes_context=True)
def readonly_value(context: dict[str, Any], field: AdminReadonlyField) -> str:
    """Return what stands in a field that is only read; with a link for those alone who may open
    where it leads. Django links every row that has a page.
    """
    row = _linked(field)
    if row is None:
        return str(field.contents())
    # A read-only field of a page always has the page's admin; its type does not say so.
    site = field.model_admin.admin_site if field.model_admin is not None else None
    pages = site._registry.get(type(row)) if site is not None else None
    is_open = pages is not None and pages.has_view_permission(context["request"], row)
    return str(field.contents()) if is_open else str(row)


def _linked(field: AdminReadonlyField) -> Model | None:
    """Return the row that the field names, None if it names none."""
    # Django's own lookup, which has no types.
    name: Any = field.field["field"]
    try:
        column, _, value = lookup_field(name, field.form.instance, field.model_admin)
    except (FieldDoesNotExist, AttributeError, ValueError, ObjectDoesNotExist):
        return None
    is_key = column is not None and isinstance(column.remote_field, ManyToOneRel)
    return value if is_key and isinstance(value, Model) else None

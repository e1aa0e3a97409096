"""A count as a query set of one row, which can stand inside another query, or be prepared."""

from typing import Any

from django.db.models import Count, QuerySet, Value


# Any: rows of whatever model.
def count_of(rows: QuerySet[Any, Any], column: str = "pk") -> QuerySet[Any, int]:
    """Return the query for how many different values of `column` there are in `rows`."""
    # Grouped by what is the same for all of them, so that none at all are counted, too, as 0.
    all_in_one = rows.order_by().annotate(same=Value(1)).values("same")
    counted: QuerySet[Any, int]
    counted = all_in_one.annotate(n=Count(column, distinct=column != "pk")).values_list(
        "n", flat=True
    )
    return counted

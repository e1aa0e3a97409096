"""Queries that are put together once and asked again and again.

Django builds the SQL of a query set anew each time, which takes a page of posts longer than the
database needs to answer it. `fetch` keeps the SQL that a function's query set came to, and sends
it with other values from then on:

    def _newest(viewer: User, since: datetime) -> QuerySet[Post]:
        return Post.objects.visible_to(viewer).filter(created_at__gte=since)[:20]

    posts = prepared.fetch(_newest, viewer, since)

Rows, whole numbers, words, moments and frozensets of ids (for `config.db.lookups`) are values.
Whatever else is given (None, True, a member of an enumeration, a frozen dataclass) belongs to the
question: each gets SQL of its own. Of a row the function may use its key alone, and what its
`QUERY_SHAPE` names. What it reads elsewhere must be given, but for the clock (`config.db.clock`):
it is called twice, with values that stand nowhere else, and all that differs between the two must
be one of them (decision 0041).
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, ParamSpec, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import query as django_query
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from config.db import clock
from config.db.lookups import among_parameter

P = ParamSpec("P")
Found = TypeVar("Found")
# Any: values of every kind, as a database takes and gives them.
Encode = Callable[[Any], Any]
Build = Callable[..., models.QuerySet[Any, Any]]
NOW = -1  # The place of the clock among the values (`config.db.clock`).
EARLIEST = datetime(1904, 2, 29, tzinfo=UTC)
MOST_PLANS = 500  # A question that hangs on what there is much of would fill the memory.


class NotPreparable(Exception):
    """The function's SQL hangs on something that was not given as a value: a mistake of ours."""


@dataclass(frozen=True)
class _Place:
    """A parameter of the SQL that is one of the values: which, and how the database takes it."""

    position: int
    value: int
    encode: Encode


@dataclass(frozen=True)
class _Plan:
    sql: str
    parameters: tuple[Any, ...]
    places: tuple[_Place, ...]
    read: Callable[[list[tuple[Any, ...]]], list[Any]]


_plans: dict[tuple[Hashable, ...], _Plan] = {}


def fetch(
    build: Callable[P, models.QuerySet[Any, Found]], *values: P.args, **_none: P.kwargs
) -> list[Found]:
    """Return what `build(*values)` finds. Raises NotPreparable."""
    key = (build, *map(_shape, values))
    plan = _plans.get(key)
    if plan is None:
        try:
            plan = _prepare(build, values)
        except EmptyResultSet:  # Nothing is asked where there can be nothing.
            return []
        if len(_plans) >= MOST_PLANS:
            _plans.clear()
        _plans[key] = plan
    parameters = list(plan.parameters)
    now = timezone.now()
    for place in plan.places:
        value = now if place.value == NOW else values[place.value]
        parameters[place.position] = place.encode(value)
    with connection.cursor() as cursor:
        cursor.execute(plan.sql, parameters)
        rows = cursor.fetchall()
    return plan.read(rows)


def _shape(value: Any) -> Hashable:
    """Return what of a value the SQL may hang on."""
    if isinstance(value, models.Model):
        shaping = [getattr(value, name) for name in _shaping(value)]
        return value.__class__, value.pk is None, *shaping
    return (type(value),) if _is_plain(value) else (type(value), value)


def _is_plain(value: Any) -> bool:
    if isinstance(value, int) and value.bit_length() >= 64:
        return False  # No column holds it, so Django asks for nothing.
    is_word = isinstance(value, int | str | datetime | frozenset)
    return is_word and not isinstance(value, bool | Enum)


def _shaping(row: models.Model) -> Sequence[str]:
    """Return the attributes of a row on which SQL may hang beside its key."""
    names: Sequence[str] = getattr(row, "QUERY_SHAPE", ())
    return names


def _prepare(build: Build, values: Sequence[Any]) -> _Plan:
    if build.__closure__ is not None:
        raise NotPreparable(f"{build.__qualname__} is made anew for each call.")
    first, second = _trial(build, values, 100), _trial(build, values, 200)
    if first.sql != second.sql:
        raise NotPreparable(f"{build.__qualname__}: other values make other SQL.")
    places = []
    for position, parameter in enumerate(first.parameters):
        if parameter != second.parameters[position]:
            places.append(_place(build, position, parameter, first.probes))
    read = _reader(build, first.query_set, first.compiler)
    return _Plan(first.sql, first.parameters, tuple(places), read)


@dataclass(frozen=True)
class _Trial:
    """What comes of a function with values that stand nowhere else."""

    probes: Mapping[int, Any]
    query_set: models.QuerySet[Any, Any]
    compiler: SQLCompiler
    sql: str
    parameters: tuple[Any, ...]


def _trial(build: Build, values: Sequence[Any], number: int) -> _Trial:
    probes = {place: _probe(value, number + place) for place, value in enumerate(values)}
    now = EARLIEST + timedelta(days=number)
    with clock.standing_at(now):
        query_set = build(*probes.values())
        compiler = query_set.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
    return _Trial({**probes, NOW: now}, query_set, compiler, sql, tuple(parameters))


def _probe(value: Any, number: int) -> Any:
    """Return a value of the same shape that stands nowhere else."""
    key = 7_283_641_509_000_000 + number
    if isinstance(value, models.Model):
        if value.pk is None:
            return value
        # Its other fields are not there: to ask for one fails, as there is no such row.
        row = value.__class__.from_db("default", [str(value._meta.pk.attname)], [key])
        for name in _shaping(value):
            setattr(row, name, getattr(value, name))
        return row
    if not _is_plain(value):
        return value
    if isinstance(value, int):
        return key
    if isinstance(value, str):
        return f"\ue000%_{key}"
    if isinstance(value, datetime):
        return EARLIEST + timedelta(microseconds=number)
    return frozenset({key})


def _place(build: Build, position: int, parameter: Any, probes: Mapping[int, Any]) -> _Place:
    for number, probe in probes.items():
        for encode in _encoders(probe, type(parameter)):
            if encode(probe) == parameter:
                return _Place(position, number, encode)
    raise NotPreparable(f"{build.__qualname__}: {parameter!r} is none of the values.")


def _encoders(value: Any, wanted: type[Any]) -> Iterator[Encode]:
    """Yield what may make the parameter of such a value; nothing for what is no value."""
    if isinstance(value, models.Model):
        if issubclass(wanted, int):
            yield lambda row: wanted(row.pk)
    elif not _is_plain(value):
        return
    elif isinstance(value, int):
        if issubclass(wanted, int):  # psycopg has a class of its own for each width.
            yield wanted
    elif isinstance(value, str):
        yield str
        # Asked anew each time: each thread has a connection of its own.
        yield lambda words: connection.ops.prep_for_iexact_query(words)  # noqa: PLW0108
    elif isinstance(value, datetime):
        yield lambda moment: connection.ops.adapt_datetimefield_value(moment)  # noqa: PLW0108
    else:
        yield lambda ids: among_parameter(ids, connection)


# --- what comes back, as the iterables of django.db.models.query read it --------------------------


def _reader(
    build: Build, query_set: models.QuerySet[Any, Any], compiler: SQLCompiler
) -> Callable[[Iterable[tuple[Any, ...]]], list[Any]]:
    columns = compiler.col_count or 0
    converters = compiler.get_converters([column for column, *_ in compiler.select[:columns]])

    def converted(rows: Iterable[tuple[Any, ...]]) -> Iterable[Sequence[Any]]:
        return compiler.apply_converters(rows, converters) if converters else rows

    kind = query_set._iterable_class
    if kind is django_query.FlatValuesListIterable:
        return lambda rows: [row[0] for row in converted(rows)]
    if kind is django_query.ValuesListIterable:
        return lambda rows: [tuple(row[:columns]) for row in converted(rows)]
    # Any: what Django keeps, without types. What else it would fetch holds values of the trial.
    kept: Any = query_set
    has_more = kept._known_related_objects or kept._prefetch_related_lookups
    if kind is not django_query.ModelIterable or has_more:
        raise NotPreparable(f"{build.__qualname__}: rows and values_list alone are read.")
    instance = _instance_reader(compiler)
    return lambda rows: [instance(row) for row in converted(rows)]


def _instance_reader(compiler: SQLCompiler) -> Callable[[Sequence[Any]], models.Model]:
    selected: Any = compiler.klass_info  # Any: Django's own, without types.
    model: type[models.Model] = selected["model"]
    start, end = selected["select_fields"][0], selected["select_fields"][-1] + 1
    names = [column.target.attname for column, *_ in compiler.select[start:end]]
    # The stubs are those of another Django.
    populators_of: Any = django_query.get_related_populators
    related = populators_of(selected, compiler.select, "default")
    annotations = list((compiler.annotation_col_map or {}).items())

    def instance(row: Sequence[Any]) -> models.Model:
        made = model.from_db("default", names, row[start:end])
        for populator in related:
            populator.populate(row, made)
        for name, position in annotations:
            setattr(made, name, row[position])
        return made

    return instance

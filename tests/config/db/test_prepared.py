"""Queries that are put together once."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db.models import Prefetch
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Follow, User
from config.db import prepared
from config.db.clock import Now
from config.db.prepared import NotPreparable
from tests.accounts.people import make_follow, person

pytestmark = pytest.mark.django_db

# Any, of the functions that are prepared: `User.objects` comes without types.


def people(*handles: str) -> list[User]:
    return [person(handle) for handle in handles]


def handles_after(pk: int, word: str, limit: int | None) -> Any:
    found = User.objects.filter(pk__gt=pk).exclude(handle__iexact=word).order_by("pk")
    return found.values_list("handle", "pk")[:limit]


def test_it_asks_again_with_other_values(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    a_1, b_b, c_c = people("a_1", "b_b", "c_c")
    asked = ((0, "x"), (0, "A_1"), (a_1.pk, "x"), (a_1.pk, "B_B"))
    with django_assert_num_queries(4):
        found = [prepared.fetch(handles_after, pk, word, None) for pk, word in asked]
    a, b, c = ("a_1", a_1.pk), ("b_b", b_b.pk), ("c_c", c_c.pk)
    assert found == [[a, b, c], [b, c], [b, c], [c]]


def first(limit: "Limit") -> Any:
    return User.objects.order_by("pk").values_list("handle", flat=True)[: limit.rows]


class Limit(tuple[int]):
    @property
    def rows(self) -> int:
        return self[0]


def test_it_makes_other_sql_for_another_question() -> None:
    people("ann", "ben")
    assert prepared.fetch(first, Limit([1])) == ["ann"]
    assert prepared.fetch(first, Limit([2])) == ["ann", "ben"]


def follows_of(viewer: User, among: frozenset[int]) -> Any:
    return viewer.follows_made.model.objects.filter(
        follower=viewer, followed__among=among
    ).select_related("followed")


def test_it_reads_rows_with_what_was_joined(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    ann, ben, cem = people("ann", "ben", "cem")
    make_follow(ann, ben, cem)
    make_follow(ben, cem)
    with django_assert_num_queries(3):
        found = [
            [row.followed.handle for row in prepared.fetch(follows_of, viewer, ids)]
            for viewer, ids in (
                (ann, frozenset({ben.pk, cem.pk})),
                (ann, frozenset({cem.pk})),
                (ben, frozenset({ben.pk, cem.pk})),
            )
        ]
    assert found == [["ben", "cem"], ["cem"], ["cem"]]


def joined_before_now() -> Any:
    return User.objects.filter(date_joined__lt=Now()).values_list("handle", flat=True)


def test_it_reads_the_clock_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    people("ann")
    assert prepared.fetch(joined_before_now) == ["ann"]
    monkeypatch.setattr(timezone, "now", lambda: datetime(2001, 1, 1, tzinfo=UTC))
    assert prepared.fetch(joined_before_now) == []


def of_number(pk: int) -> Any:
    return User.objects.filter(pk=pk)


def test_it_finds_nothing_for_a_number_that_no_column_holds() -> None:
    assert prepared.fetch(of_number, 10**30) == []


def by_own_language(viewer: User) -> Any:
    return User.objects.filter(language=viewer.language)


def by_own_clock() -> Any:
    return User.objects.filter(date_joined__lt=timezone.now())


def with_probes_inside(viewer: User) -> Any:
    mine = Follow.objects.filter(follower=viewer)
    return User.objects.prefetch_related(Prefetch("follows_received", mine))


def test_it_refuses_what_hangs_on_something_else() -> None:
    [ann] = people("ann")
    with pytest.raises(User.DoesNotExist):  # No such field of the row is there.
        prepared.fetch(by_own_language, ann)
    for build, values in ((by_own_clock, ()), (with_probes_inside, (ann,))):
        with pytest.raises(NotPreparable):
            prepared.fetch(build, *values)
    with pytest.raises(NotPreparable):
        prepared.fetch(lambda: User.objects.filter(pk=ann.pk))


def visible(viewer: User) -> Any:
    return User.objects.filter(is_staff=viewer.acts_as_staff).values_list("is_staff", flat=True)


def test_it_asks_staff_another_question() -> None:
    [ann] = people("ann")
    assert prepared.fetch(visible, ann) == [False]
    ann.acts_as_staff = True
    assert prepared.fetch(visible, ann) == []

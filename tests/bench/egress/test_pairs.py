import pytest

from tests.bench.egress.pairs import difference, student


@pytest.mark.parametrize(
    ("freedom", "quantile"), [(2, 4.303), (5, 2.571), (10, 2.228), (30, 2.042), (1000, 1.962)]
)
def test_it_knows_students_table(freedom: int, quantile: float) -> None:
    assert student(freedom) == pytest.approx(quantile, rel=0.01)


def test_it_says_how_much_more_and_how_sure_that_is() -> None:
    found = difference([1.00, 1.02, 1.04])
    assert found.mean == pytest.approx(0.02)
    assert found.half_width == pytest.approx(4.303 * 0.02 / 3**0.5, rel=0.01)
    assert str(difference([1.01] * 4)) == "+1.0% ± 0.0%"


def test_it_is_sure_of_nothing_after_two() -> None:
    assert difference([1.0, 1.1]).half_width == float("inf")

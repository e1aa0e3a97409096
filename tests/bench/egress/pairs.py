"""What the mean of a few paired measurements is worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Difference:
    """How much more, as a share, and the half width of its 95 % interval."""

    mean: float
    half_width: float
    blocks: int

    def __str__(self) -> str:
        return f"{self.mean:+.1%} ± {self.half_width:.1%}"


def difference(ratios: Sequence[float]) -> Difference:
    """Return the mean of `ratios` (with to without) less one; the interval is infinite for fewer
    than three.
    """
    count = len(ratios)
    if count < 3:
        return Difference(fmean(ratios) - 1, float("inf"), count)
    return Difference(fmean(ratios) - 1, student(count - 1) * stdev(ratios) / count**0.5, count)


def student(freedom: int) -> float:
    """Return the quantile of Student's t for a two-sided interval, to 1 % from two degrees of
    freedom on.

    Source: Abramowitz and Stegun 26.7.5.
    """
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / float(freedom) ** power for power, term in enumerate(terms, 1))

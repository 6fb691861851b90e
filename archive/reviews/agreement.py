"""Do two who look at the same agree more than chance would make them? Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agreement:
    """n: what both judged. observed: share in which they agree, None of nothing. kappa: None where it is undefined."""

    n: int
    observed: float | None
    kappa: float | None


def agreement(pairs: Sequence[tuple[Hashable, Hashable]]) -> Agreement:
    """Cohen's κ of two raters' categories for the same things: κ = (p_o − p_e) ÷ (1 − p_e).

    p_o is the share in which they agree, p_e that which chance would give by how often each of them uses each category
    (Cohen 1960, A Coefficient of Agreement for Nominal Scales, Educational and Psychological Measurement 20(1), p. 40).
    1: always agree, 0: as by chance, below: less than that. Undefined where both used one and the same category only.
    """
    n = len(pairs)
    if not n:
        return Agreement(0, None, None)
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    agreed = sum(one == other for one, other in pairs)
    by_chance = sum(first[each] * second[each] for each in first)  # p_e × n², in whole numbers: 1 is met exactly
    kappa = None if by_chance == n * n else (agreed * n - by_chance) / (n * n - by_chance)
    return Agreement(n, agreed / n, kappa)

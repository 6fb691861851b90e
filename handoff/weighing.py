"""Do these signals together call a person? By expected costs; pure.

Each signal of weight w leaves a doubt of 1 - w; signals are taken as independent (noisy-or, Pearl 1988, §4.3.2):

    need         = 1 - ∏ (1 - w)                      the probability that a person is needed
    ignoring     = need × the greatest cost among the signals
    handing over = (1 - need) × needless [× when_closed, while nobody is at work]

A person is called where ignoring costs more than handing over. So a signal of weight 1 always calls one, no signal
never does, and one more signal never takes a call back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handoff.signals import ASK_HUMAN, OUT_OF_HOURS, SignalPolicy


@dataclass(frozen=True, slots=True)
class Balance:
    """What was weighed. weights: signal → weight it counted with; the other fields as in the module's formula."""

    weights: Mapping[str, float]
    need: float
    ignoring: float
    handing_over: float

    @property
    def calls_a_person(self) -> bool:
        """Does ignoring cost more?"""
        return self.ignoring > self.handing_over


def weigh(policy: SignalPolicy, signals: Sequence[str], *, choice: str = "") -> Balance:
    """Weigh the signals that were found. choice: the menu item clicked; a call for a person by menu is certain."""
    counted = [name for name in signals if name != OUT_OF_HOURS]
    weights = {name: policy.stakes[name].weight for name in counted}
    if choice == ASK_HUMAN and "asked_for_person" in weights:
        weights["asked_for_person"] = 1.0
    doubt = math.prod(1 - weight for weight in weights.values())
    cost = max((policy.stakes[name].cost for name in counted), default=0.0)
    factor = policy.when_closed if OUT_OF_HOURS in signals else 1.0
    return Balance(weights, 1 - doubt, (1 - doubt) * cost, doubt * policy.needless * factor)

"""From which probability is a script said, or offered? Derived from what mistakes cost the shop. Pure.

With p the probability that the best script is right, and the costs of the pack (any unit; only their ratios count):

    cost of answering     = (1 - p) · wrong_answer
    cost of asking back   = ask_back + (1 - p) · handover      if no choice fits, a person is called after all
    cost of handing over  = handover

That one of the choices offered is right is at least as probable as that the best one is, and is taken to be just that
probable: where it matters this calls a person rather than asks once too often.

A script is said where answering is the cheapest of the three, offered where asking is not dearer than handing over:

    answer at p >= max(1 - ask_back / (wrong_answer - handover), 1 - handover / wrong_answer)
    ask    at p >= ask_back / handover

The defaults give 0.60 and 0.25, which were chosen on the example shop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Costs:
    """What it costs to say something wrong, to ask back, to call a person; each > 0."""

    wrong_answer: float = 1.625
    ask_back: float = 0.25
    handover: float = 1.0


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities (0–1): from `answer` on a script is said, from `ask` on it is offered."""

    answer: float
    ask: float


@dataclass(frozen=True, slots=True)
class Override:
    """Costs that differ in one category or channel; None: as otherwise."""

    wrong_answer: float | None = None
    ask_back: float | None = None
    handover: float | None = None

    def over(self, costs: Costs) -> Costs:
        """The costs with these in place."""
        return Costs(
            wrong_answer=costs.wrong_answer if self.wrong_answer is None else self.wrong_answer,
            ask_back=costs.ask_back if self.ask_back is None else self.ask_back,
            handover=costs.handover if self.handover is None else self.handover,
        )


@dataclass(frozen=True, slots=True)
class InForce:
    """The costs for one script on one channel. because: which overrides made them, e.g. ("channel wecom_kf",)."""

    costs: Costs
    thresholds: Thresholds
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tariff:
    """All the costs of a shop. choices: how many scripts are offered at most when asking back (1–3)."""

    costs: Costs = Costs()
    channels: Mapping[str, Override] = field(default_factory=dict, hash=False)
    categories: Mapping[str, Override] = field(default_factory=dict, hash=False)
    choices: int = 3

    def in_force(self, channel: str, category: Sequence[str]) -> InForce:
        """For a script of this category path (outermost first): the channel's override, then each category's."""
        costs, because = self.costs, []
        if (override := self.channels.get(channel)) is not None:
            costs = override.over(costs)
            because.append(f"channel {channel}")
        for name in category:
            if (override := self.categories.get(name)) is not None:
                costs = override.over(costs)
                because.append(f"category {name}")
        return InForce(costs, thresholds(costs), tuple(because))


@lru_cache(64)  # a shop has few different costs, and a message asks for those of every script found
def thresholds(costs: Costs) -> Thresholds:
    """Where answering and asking begin to pay, by the formula above."""
    beats_person = 1 - costs.handover / costs.wrong_answer
    dearer = costs.wrong_answer - costs.handover
    beats_asking = 1 - costs.ask_back / dearer if dearer > 0 else 0.0
    return Thresholds(
        answer=min(max(beats_person, beats_asking, 0.0), 1.0),
        ask=min(costs.ask_back / costs.handover, 1.0),
    )

"""What do we promise about a ticket, and what happens when the promise is in danger? Checked values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Metric(StrEnum):
    """Which promise."""

    FIRST_RESPONSE = "first_response"  # a person's first words
    NEXT_RESPONSE = "next_response"  # words after each further message of the customer's
    RESOLUTION = "resolution"  # until the ticket is closed


class Danger(StrEnum):
    """Since when a step counts."""

    WARNING = "warning"
    BREACH = "breach"


class Escalation(StrEnum):
    """What a step does."""

    REMIND = "remind"  # the agent who has it, or the team that does not take it
    RAISE_PRIORITY = "raise_priority"
    REASSIGN = "reassign"  # back to the queue, to be offered to somebody else
    TELL_SUPERVISOR = "tell_supervisor"


@dataclass(frozen=True, slots=True)
class SlaStep:
    """One step of the escalation: so many seconds of business time after the warning or the breach."""

    on: Danger
    do: Escalation
    after_s: int = 0


@dataclass(frozen=True, slots=True)
class SlaPolicy:
    """Targets in seconds of business time (None: no promise), and what happens.

    warn_at: which share of the target may be spent before the warning (0–1). steps: in order of their moment.
    pause_when_pending: whether the clock stands still while a ticket waits for the customer.
    """

    name: str
    first_response_s: int | None = None
    next_response_s: int | None = None
    resolution_s: int | None = None
    warn_at: float = 0.8
    steps: tuple[SlaStep, ...] = ()
    pause_when_pending: bool = True

    def target_s(self, metric: Metric) -> int | None:
        """The target of one metric."""
        match metric:
            case Metric.FIRST_RESPONSE:
                return self.first_response_s
            case Metric.NEXT_RESPONSE:
                return self.next_response_s
            case Metric.RESOLUTION:
                return self.resolution_s

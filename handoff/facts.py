"""What does the router look at, and what does it say?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about one message of a customer when the router is asked.

    text: as written. intent, confidence (0–1): the best guess; "" if there is none.
    choice: id of the menu item clicked, e.g. "ask_human"; "" if none.
    failures: times in a row that nothing was found, this message included.
    best_probability: of the best script found (0–1). stage: of the sale, None if unknown.
    category: path in the script library, outermost first. urgency: 0–1. sentiment: -1 to 1.
    engine_failed: understanding or searching failed, so what is here may be incomplete.
    """

    text: str = ""
    intent: str = ""
    confidence: float = 0.0
    choice: str = ""
    failures: int = 0
    best_probability: float = 0.0
    stage: str | None = None
    category: tuple[str, ...] = ()
    channel: str = ""
    tags: tuple[str, ...] = ()
    urgency: float = 0.0
    sentiment: float = 0.0
    engine_failed: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a person should take over, and where to.

    reason: the strongest signal, "" if none. signals: all of them, strongest first.
    team, priority (1 highest – 4), rule (name of the routing rule): where a ticket belongs; given
    without a signal too, for hand-overs that others decide.
    """

    hand_over: bool
    reason: str
    signals: tuple[str, ...]
    team: str
    priority: int
    rule: str

"""What does the router look at, and what does it say?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about one message of a customer when the router is asked.

    text: as written. intent, confidence (0–1): the best guess; "" if there is none.
    choice: id of the menu item clicked, e.g. "ask_human"; "" if none.
    failures: times in a row that nothing was found, this message included.
    best_probability: of the best script found (0–1). stage: of the sale, None if unknown.
    category: path in the script library, outermost first. urgency: 0–1. sentiment: -1 to 1.
    engine_failed: understanding or searching failed, so what is here may be incomplete.
    moods: sentiment of her messages before this one, oldest first (-1 to 1). urged: how many of these were urgent.
    tags: of the customer. source: the scene she came from. region: province, city, district as far as known, "" for a
    level between that is not. position: latitude, longitude in degrees, where she sent it. goods: products she named.
    entities: type → value of what she told. open_now: whether people are at work; None: unknown. language: "zh" | "en"
    | "other". promises: how many things the last person left open.
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
    moods: tuple[float, ...] = ()
    urged: int = 0
    source: str = ""
    region: tuple[str, ...] = ()
    position: tuple[float, float] | None = None
    goods: tuple[str, ...] = ()
    entities: Mapping[str, str] = field(default_factory=dict)
    open_now: bool | None = None
    language: str = "zh"
    promises: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a person should take over, and where to.

    reason: the strongest signal, "" if none. signals: all of them, strongest first.
    team, priority (1 highest – 4), rule (name of the routing rule): where a ticket belongs; given
    without a signal too, for hand-overs that others decide. skills, sla, type: of the ticket, from the rule.
    weights: signal → weight it counted with (0–1). need: probability that a person is needed (0–1).
    ignoring, handing_over: the expected cost of either, in the policy's units; see `handoff.weighing`.
    """

    hand_over: bool
    reason: str
    signals: tuple[str, ...]
    team: str
    priority: int
    rule: str
    skills: tuple[str, ...] = ()
    sla: str = ""
    type: str = "question"
    weights: Mapping[str, float] = field(default_factory=dict)
    need: float = 0.0
    ignoring: float = 0.0
    handing_over: float = 0.0

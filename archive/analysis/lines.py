"""How does a session read: who said what when, and who was waiting for whom?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from archive.entry import Voice

PEOPLE = frozenset({Voice.AGENT, Voice.SERVICER})
SHOP = PEOPLE | {Voice.BOT}


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance of a session with what the analyzers made of it.

    mood: in [-1, 1], None where none was read. question: whether it asks something. The signals are in [0, 1].
    """

    entry_id: int
    voice: Voice
    who: str
    at: datetime
    text: str
    question: bool = False
    mood: float | None = None
    urgency: float = 0.0
    complaint: float = 0.0
    churn: float = 0.0
    purchase: float = 0.0


@dataclass(frozen=True, slots=True)
class Wait:
    """A customer waited: from the first of her lines that nobody had answered until `reply`, None: nobody did."""

    asked: tuple[Line, ...]
    reply: Line | None

    @property
    def began(self) -> datetime:
        """Since when she waited."""
        return self.asked[0].at

    @property
    def is_question(self) -> bool:
        """Whether she asked something, and did not only say good-bye."""
        return any(line.question for line in self.asked)


def waits(lines: Sequence[Line]) -> list[Wait]:
    """Every wait in order. lines: oldest first; what the system says answers nothing."""
    found: list[Wait] = []
    asked: list[Line] = []
    for line in lines:
        if line.voice is Voice.CUSTOMER:
            asked.append(line)
        elif line.voice in SHOP and asked:
            found.append(Wait(tuple(asked), line))
            asked = []
    if asked:
        found.append(Wait(tuple(asked), None))
    return found


def agents_of(lines: Sequence[Line]) -> dict[str, int]:
    """The people who spoke, the first first, and how often each did."""
    said: dict[str, int] = {}
    for line in lines:
        if line.voice in PEOPLE and line.who:
            said[line.who] = said.get(line.who, 0) + 1
    return said


def agent_of(lines: Sequence[Line]) -> str:
    """The person who served it: she who said most, the first of several; "" where no person did."""
    said = agents_of(lines)
    return max(said, key=lambda who: said[who], default="")


def answers(lines: Sequence[Line]) -> list[tuple[Line, Line]]:
    """Each question of the customer with a person's line right behind it, the pairs that can be held to a script."""
    return [
        (asked, said)
        for asked, said in pairwise(lines)
        if asked.voice is Voice.CUSTOMER and asked.question and said.voice in PEOPLE and said.text
    ]

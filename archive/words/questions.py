"""What is a question, and what is a topic of many?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Question:
    """What a customer wrote.

    id: of the entry. mood: −1 to 1, None where unknown. answered: whether anybody answered. has_script: whether an
    approved script answers it. wait_s: seconds to the answer, None for none. customer: any key that tells them apart.
    """

    id: int
    text: str
    at: datetime
    mood: float | None = None
    answered: bool = False
    has_script: bool = False
    wait_s: float | None = None
    customer: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """Questions about one thing.

    id, name: stay from run to run while the topic does. phrases: what the name is made of. questions: ids in both
    windows, sorted. representatives: ids of the most central ones, short ones first, all worded differently.
    asked, before: how many questions in the window and in the one before; growth:
    (asked + 1) / (before + 1). customers: different ones, of both windows.
    Of the questions in the window: mood: mean, None where none is known; without_script, unanswered: shares 0–1;
    wait_s: median seconds to an answer, None for none. closeness: mean similarity to the centre, 0–1.
    """

    id: str
    name: str
    phrases: tuple[str, ...]
    questions: tuple[int, ...]
    representatives: tuple[int, ...]
    asked: int
    before: int
    growth: float
    customers: int
    mood: float | None
    without_script: float
    unanswered: float
    wait_s: float | None
    closeness: float

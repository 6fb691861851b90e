"""What is a session in figures: how long were the waits, how did the mood go, what did the customer want?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.analysis.lines import PEOPLE, Line, Wait, agent_of, waits
from archive.entry import Voice


@dataclass(frozen=True, slots=True)
class Features:
    """A session in figures.

    *_s: seconds, None where nobody answered or the source knew no times (timed False). person_response_s: until a
    person first answered, from the hand-over where one is known. mood_*: in [-1, 1], None where no mood was read;
    mood_trend: the later half's mean less the earlier half's. urgency … purchase: the highest, in [0, 1].
    unanswered: its last word is a question of the customer's. outcome: what became of it, "" where unknown.
    """

    messages: int
    customer_messages: int
    bot_messages: int
    person_messages: int
    started_at: datetime
    ended_at: datetime
    agent: str = ""
    timed: bool = True
    first_response_s: float | None = None
    slowest_response_s: float | None = None
    person_response_s: float | None = None
    mood_first: float | None = None
    mood_last: float | None = None
    mood_trend: float | None = None
    urgency: float = 0.0
    complaint: float = 0.0
    churn: float = 0.0
    purchase: float = 0.0
    unanswered: bool = False
    outcome: str = ""


def features_of(
    lines: Sequence[Line], *, timed: bool, handed_over_at: datetime | None = None, outcome: str = ""
) -> Features:
    """The figures of a session. lines: at least one, oldest first."""
    found = waits(lines)
    customer = [line for line in lines if line.voice is Voice.CUSTOMER]
    moods = [line.mood for line in customer if line.mood is not None]
    seconds = [_seconds(wait) for wait in found if wait.reply is not None]
    return Features(
        messages=len(lines),
        customer_messages=len(customer),
        bot_messages=sum(line.voice is Voice.BOT for line in lines),
        person_messages=sum(line.voice in PEOPLE for line in lines),
        started_at=lines[0].at,
        ended_at=lines[-1].at,
        agent=agent_of(lines),
        timed=timed,
        first_response_s=seconds[0] if timed and seconds else None,
        slowest_response_s=max(seconds) if timed and seconds else None,
        person_response_s=_until_a_person(lines, found, handed_over_at) if timed else None,
        mood_first=moods[0] if moods else None,
        mood_last=moods[-1] if moods else None,
        mood_trend=_trend(moods),
        urgency=max((line.urgency for line in customer), default=0.0),
        complaint=max((line.complaint for line in customer), default=0.0),
        churn=max((line.churn for line in customer), default=0.0),
        purchase=max((line.purchase for line in customer), default=0.0),
        unanswered=bool(found) and found[-1].reply is None and found[-1].is_question,
        outcome=outcome,
    )


def _seconds(wait: Wait) -> float:
    return (wait.reply.at - wait.began).total_seconds() if wait.reply is not None else 0.0


def _until_a_person(lines: Sequence[Line], found: Sequence[Wait], handed_over_at: datetime | None) -> float | None:
    if handed_over_at is not None:
        said = next((line for line in lines if line.voice in PEOPLE and line.at >= handed_over_at), None)
        return None if said is None else (said.at - handed_over_at).total_seconds()
    first = next((wait for wait in found if wait.reply is not None and wait.reply.voice in PEOPLE), None)
    return None if first is None else _seconds(first)


def _trend(moods: Sequence[float]) -> float | None:
    half = len(moods) // 2
    if not half:
        return None
    return sum(moods[-half:]) / half - sum(moods[:half]) / half

"""What is a session in figures: how long were the waits, how did the mood go, what did the customer want?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.analysis.lines import PEOPLE, Line, Wait, agent_of, waits
from archive.entry import Voice
from archive.sentiment import Trend, predicted_satisfaction, trend

SLOW_S, MANY_REPEATS = 600.0, 3  # as archive/sentiment/satisfaction.toml counts them


@dataclass(frozen=True, slots=True)
class Features:
    """A session in figures.

    *_s: seconds, None where nobody answered or the source knew no times (timed False). person_response_s: until a
    person first answered, from the hand-over where one is known. mood_*: None where no mood was read, else as
    `archive.sentiment.trend` has it: beginning, end and lowest in [-1, 1], rise in [-2, 2]. urgency … purchase: the
    highest, in [0, 1]. unanswered: its last word is a question of the customer's; unanswered_share: of her questions.
    repeats: her lines that say again what she said before. outcome: what became of it, "" where unknown.
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
    mood_lowest: float | None = None
    urgency: float = 0.0
    complaint: float = 0.0
    churn: float = 0.0
    purchase: float = 0.0
    unanswered: bool = False
    unanswered_share: float = 0.0
    repeats: int = 0
    outcome: str = ""


def features_of(
    lines: Sequence[Line], *, timed: bool, handed_over_at: datetime | None = None, outcome: str = ""
) -> Features:
    """The figures of a session. lines: at least one, oldest first."""
    found = waits(lines)
    customer = [line for line in lines if line.voice is Voice.CUSTOMER]
    mood = _mood([line for line in customer if line.mood is not None])
    asked = [line for line in customer if line.question]
    open_ = [line for line in found[-1].asked if line.question] if found and found[-1].reply is None else []
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
        mood_first=mood.first if mood else None,
        mood_last=mood.last if mood else None,
        mood_trend=mood.slope if mood else None,
        mood_lowest=mood.lowest if mood else None,
        urgency=max((line.urgency for line in customer), default=0.0),
        complaint=max((line.complaint for line in customer), default=0.0),
        churn=max((line.churn for line in customer), default=0.0),
        purchase=max((line.purchase for line in customer), default=0.0),
        unanswered=bool(open_),
        unanswered_share=len(open_) / len(asked) if asked else 0.0,
        repeats=len(customer) - len({line.text.strip() for line in customer}),
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


def _mood(lines: Sequence[Line]) -> Trend | None:
    if not lines:
        return None
    return trend([line.mood or 0.0 for line in lines], [round(line.at.timestamp() * 1000) for line in lines])


def satisfaction_of(features: Features) -> float | None:
    """Satisfaction in [1, 5] predicted by `archive.sentiment`'s formula; None where no mood was read."""
    if features.mood_last is None or features.mood_lowest is None or features.mood_trend is None:
        return None
    return predicted_satisfaction(
        {
            "mood_last": features.mood_last,
            "mood_lowest": features.mood_lowest,
            "mood_trend": features.mood_trend,
            "complaint": features.complaint,
            "churn": features.churn,
            "unanswered": features.unanswered_share,
            "slow_response": min((features.first_response_s or 0.0) / SLOW_S, 1.0),
            "repeats": min(features.repeats / MANY_REPEATS, 1.0),
        }
    )

"""Which sessions should a supervisor read? A few of each agent and week, the same whenever she asks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo


@dataclass(frozen=True, slots=True)
class Sampled:
    """A session to be read. week: ISO, "2026-W09", in the shop's time. agent: "" for the bot alone."""

    week: str
    agent: str
    session_id: int


def sample(sessions: Iterable[tuple[int, str, datetime]], *, each: int, zone: tzinfo, seed: str = "") -> list[Sampled]:
    """Up to `each` sessions of every agent and week, by week and agent.

    sessions: (id, agent, when it began). Which ones depends on their ids and the seed alone, as if each session had
    drawn a number once: a session that is added later moves no other out but the one with the highest number.
    """
    strata: dict[tuple[str, str], list[int]] = {}
    for session_id, agent, began in sessions:
        year, week, _ = began.astimezone(zone).isocalendar()
        strata.setdefault((f"{year}-W{week:02}", agent), []).append(session_id)
    return [
        Sampled(week, agent, session_id)
        for (week, agent), ids in sorted(strata.items())
        for session_id in _first(ids, each, seed)
    ]


def _first(ids: Sequence[int], most: int, seed: str) -> list[int]:
    return sorted(ids, key=lambda each: hashlib.sha256(f"{seed}\0{each}".encode()).digest())[:most]

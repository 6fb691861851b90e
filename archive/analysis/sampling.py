"""Which sessions should a supervisor read? A few of each agent who spoke and each week, the same whenever she asks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from sqlalchemy import Select, and_, func, select

from archive.analysis.lines import PEOPLE

if TYPE_CHECKING:
    from sqlalchemy import Table


@dataclass(frozen=True, slots=True)
class Sampled:
    """A session to be read. week: ISO, "2026-W09", in the shop's time. agent: "" for the bot alone."""

    week: str
    agent: str
    session_id: int


def spoken_in(sessions: Table, entries: Table) -> Select[tuple[int, str, datetime]]:
    """(id, agent, started_at) of every session, once for each person who spoke in it; agent "" where none did.

    Several may: a colleague joins, takes over, gives it back. `archive_sessions.agent` names only who said most.
    """
    s, e = sessions.c, entries.c
    voices = sorted(voice.value for voice in PEOPLE)
    hers = and_(e.session_id == s.id, e.voice.in_(voices), e.who != "", e.recalled == 0)
    who = func.coalesce(e.who, "").label("agent")
    return select(s.id, who, s.started_at).select_from(sessions.outerjoin(entries, hers)).distinct()


def sample(sessions: Iterable[tuple[int, str, datetime]], *, each: int, zone: tzinfo, seed: str = "") -> list[Sampled]:
    """Up to `each` sessions of every agent and week, by week and agent.

    sessions: (id, agent, when it began), once for each agent of it. Which ones depends on their ids and the seed alone,
    as if each session had drawn a number once: a session that is added later moves no other out but the one with the
    highest number.
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

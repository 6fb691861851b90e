"""Which rows does a wish leave, and which may somebody see?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, and_, exists, false, or_, select, true, tuple_

from archive.analysis import CLEAR, DISMISSED, FELT, PEOPLE
from archive.playback.values import Feeling, Session, Sight, Wish
from archive.tables import ArchiveTables
from archive.tagging import TagState

if TYPE_CHECKING:
    from sqlalchemy import Table

_PEOPLE = sorted(each.value for each in PEOPLE)
_WORN = [each.value for each in TagState if each.is_worn]


def may_see(s: Table, sight: Sight) -> ColumnElement[bool]:
    """The sessions that are in sight."""
    if sight.within is None:
        return _of_teams(s, sight)
    there = and_(_of_teams(s, sight), sight.within(s.c.region))
    return or_(there, s.c.agent == sight.own) if sight.own else there


def _of_teams(s: Table, sight: Sight) -> ColumnElement[bool]:
    if sight.everything:
        return true()
    seen: list[ColumnElement[bool]] = []
    if sight.talks is not None:
        seen.append(s.c.conversation_id.in_(sight.talks))
    if sight.agents:
        theirs = s.c.agent.in_(sorted(sight.agents))
        alone: ColumnElement[bool] = s.c.conversation_id.is_(None)
        if sight.served is not None:
            alone = or_(alone, s.c.conversation_id.not_in(sight.served))
        seen.append(and_(theirs, alone))
    return or_(*seen) if seen else false()


def wished(tables: ArchiveTables, wish: Wish) -> list[ColumnElement[bool]]:
    """What a session must meet, what is said in it excepted."""
    s, f, t = tables.analysis.sessions, tables.analysis.findings, tables.tags.tags
    asked: list[ColumnElement[bool]] = [s.c.messages > 0]
    if wish.agent:
        asked.append(_spoke(tables, wish.agent))
    if wish.since is not None:
        asked.append(s.c.started_at >= wish.since)
    if wish.until is not None:
        asked.append(s.c.started_at < wish.until)
    if wish.after is not None:
        asked.append(tuple_(s.c.started_at, s.c.id) < wish.after)
    if wish.feeling is not None:
        asked.append(_felt(s, wish.feeling))
    if wish.rule:
        asked.append(exists().where(f.c.session_id == s.c.id, f.c.rule == wish.rule, f.c.state != DISMISSED))
    if wish.tag:
        hers = and_(t.c.account == s.c.account, t.c.customer == s.c.customer)
        asked.append(exists().where(hers, t.c.tag == wish.tag, t.c.state.in_(_WORN)))
    if wish.topic is not None:
        e = tables.entries
        asked.append(s.c.id.in_(select(e.c.session_id).where(e.c.id.in_(wish.topic))))
    return asked


def _spoke(tables: ArchiveTables, agent: str) -> ColumnElement[bool]:
    """Whether somebody spoke in it: who said most is noted; a colleague may have joined, or taken over."""
    s, e = tables.analysis.sessions, tables.entries
    hers = exists().where(e.c.session_id == s.c.id, e.c.who == agent, e.c.voice.in_(_PEOPLE), e.c.recalled == 0)
    return or_(s.c.agent == agent, hers)


def _felt(s: Table, feeling: Feeling) -> ColumnElement[bool]:
    match feeling:
        case Feeling.BAD:
            return s.c.mood_last <= -CLEAR
        case Feeling.EVEN:
            return and_(s.c.mood_last > -CLEAR, s.c.mood_last < CLEAR)
        case Feeling.GOOD:
            return s.c.mood_last >= CLEAR
        case Feeling.URGENCY | Feeling.COMPLAINT | Feeling.CHURN | Feeling.PURCHASE:
            return s.c[feeling.value] >= FELT


def session_of(row: Row[Any]) -> Session:
    """The facts of a row of sessions."""
    names = Session.__dataclass_fields__
    plain = {name: getattr(row, name) for name in names}
    return Session(**{**plain, "timed": bool(row.timed), "unanswered": bool(row.unanswered)})

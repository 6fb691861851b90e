"""What may happen to tickets? Lives drawn at random, their rows, and the measures added up one event at a time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import mean, median

from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.tables import Tables

OPEN_DAY = datetime(2026, 3, 2, 1, tzinfo=UTC)  # 09:00 in Shanghai, a Monday
DAY_MS = 86_400_000
# What may follow, by where the ticket stands: event, state after it, who did it.
NEXT = {
    "open": (("assigned", "assigned", "limei"), ("queued", "open", "limei"), ("closed", "closed", "platform"),
             ("closed", "closed", "limei"), ("escalated", "open", "system"), ("returned", "closed", "system")),
    "assigned": (("transferred", "assigned", "limei"), ("queued", "open", "limei"), ("pended", "pending", "limei"),
                 ("closed", "closed", "limei"), ("returned", "closed", "limei"), ("noted", "assigned", "limei")),
    "pending": (("resumed", "assigned", "system"), ("noted", "pending", "limei"), ("closed", "closed", "limei")),
    "closed": (("reopened", "open", "platform"), ("noted", "closed", "limei")),
}  # fmt: skip


@dataclass(frozen=True)
class Happened:
    at_ms: int
    kind: str
    state: str
    by: str


@dataclass(frozen=True)
class Life:
    """A ticket. events: the opening first."""

    team: str
    customer: str
    events: tuple[Happened, ...]

    @property
    def opened(self) -> int:
        return self.events[0].at_ms

    @property
    def responded(self) -> int | None:
        return next((each.at_ms + 1000 for each in self.events if each.state == "assigned"), None)

    @property
    def closed(self) -> int | None:
        if self.events[-1].state != "closed":
            return None
        return max(each.at_ms for each in self.events if each.kind in ("closed", "returned"))


@st.composite
def lives(draw: st.DrawFn) -> Life:
    at = round(OPEN_DAY.timestamp() * 1000) + draw(st.integers(0, 20 * DAY_MS))
    events = [Happened(at, "opened", "open", "bot")]
    for choice, gap in draw(st.lists(st.tuples(st.integers(0, 59), st.integers(0, 3 * DAY_MS)), max_size=8)):
        options = NEXT[events[-1].state]
        kind, state, by = options[choice % len(options)]
        at += gap
        events.append(Happened(at, kind, state, by))
    return Life(draw(st.sampled_from(("presale", "aftersale"))), draw(st.sampled_from("abc")), tuple(events))


async def enter(connection: AsyncConnection, tables: Tables, told: list[Life]) -> None:
    """Write the rows that such lives leave."""
    await connection.execute(insert(tables.agents).values(id="limei", name="李梅", capacity=3))
    for number, life in enumerate(told, start=1):
        await connection.execute(insert(tables.tickets).values(**_ticket(number, life)))
    # as they happened, so that ids of different tickets alternate
    happened = sorted(
        (
            (each.at_ms, number, place, each)
            for number, life in enumerate(told, 1)
            for place, each in enumerate(life.events)
        ),
        key=lambda row: row[:3],
    )
    for _, number, _, each in happened:
        await connection.execute(
            insert(tables.ticket_events).values(
                ticket_id=number, at=instant(each.at_ms), kind=each.kind, by=each.by, cause="test", detail={}
            )
        )


def _ticket(number: int, life: Life) -> dict[str, object]:
    return {
        "id": number,
        "conversation_id": number,
        "account": "corp",
        "channel": "wecom_kf",
        "customer": life.customer,
        "team": life.team,
        "priority": 3,
        "reason": "asked_for_person",
        "rule": "其余",
        "signals": [],
        "summary": {},
        "state": life.events[-1].state,
        "opened_at": instant(life.opened),
        "first_response_at": instant(life.responded),
        "closed_at": instant(life.closed),
    }


def instant(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC)


# ── the same measures, told naively ──────────────────────────────────────────────────────────


@dataclass
class Naive:
    """Figures of some lives, walked through event by event."""

    wall: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def live(self, life: Life, others: list[Life], now_ms: int) -> None:
        self.counts["tickets"] += 1
        if life.responded is not None:
            self.wall["first_response"].append(life.responded - life.opened)
        self._walk(life)
        self._ends(life, others, now_ms)

    def _walk(self, life: Life) -> None:
        waiting_since: int | None = life.opened
        held_since: int | None = None
        handle, moves = 0, 0
        for each in life.events[1:]:
            if held_since is not None and each.kind != "noted":
                handle += each.at_ms - held_since
                moves += each.kind in ("transferred", "queued")
                held_since = None
            if waiting_since is not None and each.state != "open":
                self._waited(each.at_ms - waiting_since, each)
                waiting_since = None
            elif waiting_since is None and each.state == "open":
                waiting_since = each.at_ms
            if each.state == "assigned" and held_since is None:
                held_since = each.at_ms
        self.counts["transfers"] += moves
        self.counts["transferred"] += moves > 0
        if life.closed is not None and handle:
            self.wall["handle"].append(handle)

    def _waited(self, long: int, ended: Happened) -> None:
        if ended.state != "closed":
            self.counts["served"] += 1
            self.wall["wait"].append(long)
        elif ended.by != "limei":
            self.counts["abandoned"] += 1
        else:
            return
        self.counts["waited_ms"] += long

    def _ends(self, life: Life, others: list[Life], now_ms: int) -> None:
        first_end = next((each.at_ms for each in life.events if each.state == "closed"), None)
        again = next((each.at_ms for each in life.events if each.kind == "reopened"), None)
        if first_end is not None and first_end <= now_ms - 7 * DAY_MS:
            self.counts["reopenable"] += 1
            self.counts["reopened"] += again is not None and again - first_end <= 7 * DAY_MS
        if life.closed is None:
            self.counts["still_open"] += 1
            return
        self.wall["resolution"].append(life.closed - life.opened)
        if life.closed <= now_ms - 3 * DAY_MS:
            self.counts["recontactable"] += 1
            mine = [other for other in others if other.customer == life.customer]
            place = next(number for number, other in enumerate(mine) if other is life)
            following = mine[place + 1].opened if place + 1 < len(mine) else None
            self.counts["recontacted"] += following is not None and 0 <= following - life.closed <= 3 * DAY_MS

    def spread(self, name: str) -> tuple[int, float | None, float | None]:
        found = [each / 1000 for each in self.wall[name]]
        return (len(found), mean(found), median(found)) if found else (0, None, None)


def naive(told: list[Life], scope: tuple[datetime, datetime], now: datetime, team: str) -> Naive:
    """Figures of one team's lives ("": everybody's) that began in [since, until)."""
    since, until = (round(at.timestamp() * 1000) for at in scope)
    order = sorted(enumerate(told), key=lambda one: (one[1].opened, one[0]))
    later = [life for _, life in order if life.opened >= since]
    figures = Naive()
    for life in later:
        if life.opened < until and (not team or life.team == team):
            figures.live(life, later, round(now.timestamp() * 1000))
    return figures


NOW = OPEN_DAY + timedelta(days=30)

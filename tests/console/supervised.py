"""What do tests of supervision look at? Conversations of two teams, analysed, with findings and an index."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import select

from archive import Entry, Voice
from archive.analysis import QualityRule, Severity, Unanswered
from archive.reviews import ScoreSheet, SheetNode
from bot.bootstrap import ARCHIVE_TABLES
from tests.archive.analysis.ground import Trial
from tests.console.desk import Shopfront

PEOPLE = {"amy": "wangfang", "bob": "chenjing", "cid": "limei"}  # who served whom
SHEET = ScoreSheet(
    "人工接待", 80, (SheetNode("问候", 20), SheetNode("回答", 80, points=2, ask="对不对？", rules=("没有回答",)))
)
RULE = QualityRule("没有回答", Severity.MAJOR, Unanswered(timedelta(minutes=10)))


@dataclass
class Supervised:
    """A shop whose past was analysed. limei works in both teams and leads them where nobody does; chenjing sells.

    sessions: ids by customer.
    """

    front: Shopfront
    sessions: dict[str, int] = field(default_factory=dict)

    async def fill(self) -> None:
        """Three conversations without tickets, each of one agent."""
        front = self.front
        front.shop = replace(front.shop, quality=(RULE,), sheets=(SHEET,))
        trial = Trial(front.engine, front.archive, rules=(RULE,), time=front.clock())
        for number, (customer, agent) in enumerate(PEOPLE.items()):
            await trial.add(*self._said(number, customer, agent))
        await trial.work()
        async with front.engine.begin() as connection:  # the small analyzers of the trial make no index
            await front.archive.index(connection, await front.archive.following(connection, 0, limit=100))
        s = ARCHIVE_TABLES.analysis.sessions
        async with front.engine.connect() as connection:
            self.sessions = {row.customer: row.id for row in await connection.execute(select(s.c.id, s.c.customer))}

    def _said(self, number: int, customer: str, agent: str) -> list[Entry]:
        start = self.front.clock() - timedelta(hours=5 - number)
        lines = (
            (Voice.CUSTOMER, "", f"我是{customer}，电话13812345678，为什么还没退款？"),
            (Voice.AGENT, agent, "您好，已经在退了"),
            (Voice.CUSTOMER, "", "<b>到底</b>什么时候到账？"),
        )
        return [
            Entry(
                "test", f"{number}-{place}", None, "shop", customer, voice, "text",
                start + timedelta(minutes=place), text, who=who,
            )
            for place, (voice, who, text) in enumerate(lines)
        ]  # fmt: skip

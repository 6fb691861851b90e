"""What would become different if the drafts went live? The same messages to both minds, and where they part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.content.minds import Minds
from bot.masking import mask
from bot.store.engine import read_only
from bot.store.lessons import questions_asked
from bot.studio.draft_mind import DraftMind
from bot.studio.pack_mind import PackMind
from bot.studio.rehearsal import Customer, Rehearsal, Turn

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

MOST_MESSAGES = 30  # of one conversation played
MOST_ASKED = 300  # of one batch: it runs beside the answering, some 20 ms each


@dataclass(frozen=True, slots=True)
class Pair:
    """One message, to what is live and to the draft."""

    live: Turn
    draft: Turn

    @property
    def differs(self) -> frozenset[str]:
        """What is different: "answer" (what is said), "decision" (with its script or reason), "route"."""
        found = {
            "answer": self.live.told != self.draft.told,
            "decision": (self.live.decision, self.live.reason) != (self.draft.decision, self.draft.reason),
            "route": (self.live.team, self.live.rule) != (self.draft.team, self.draft.rule),
        }
        return frozenset(name for name, different in found.items() if different)


@dataclass(frozen=True, slots=True)
class Batch:
    """What many questions got, each alone. moves: how many went from one decision to another, equal ones too."""

    pairs: tuple[Pair, ...]
    moves: Mapping[tuple[str, str], int]

    @property
    def changed(self) -> tuple[Pair, ...]:
        """Those that differ in anything."""
        return tuple(each for each in self.pairs if each.differs)


@dataclass(frozen=True, slots=True)
class Trial:
    """Plays; nothing is written and nothing leaves."""

    engine: AsyncEngine
    minds: Minds
    drafts: DraftMind
    packs: PackMind
    rehearsal: Rehearsal
    now: Callable[[], datetime]

    async def talk(self, customer: Customer, messages: Sequence[str], *, pack: str = "") -> tuple[Pair, ...]:
        """One conversation, message by message. pack: of an uploaded one, in the place of the drafts.

        Raises NotReady, PackBroken, PackGone.
        """
        draft = await (self.packs.of(pack) if pack else self.drafts.current())
        live = await self.rehearsal.play(self.minds.current(), customer, messages)
        return tuple(map(Pair, live, await self.rehearsal.play(draft, customer, messages)))

    async def ask(self, customer: Customer, questions: Sequence[str], *, pack: str = "") -> Batch:
        """Each question as the first message of a customer. Raises NotReady, PackBroken, PackGone."""
        pairs: list[Pair] = []
        for question in questions[:MOST_ASKED]:
            pairs += await self.talk(customer, [question], pack=pack)
        return Batch(tuple(pairs), Counter((each.live.decision, each.draft.decision) for each in pairs))

    async def yesterday(self) -> tuple[tuple[str, ...], int]:
        """What customers who agreed to it asked yesterday, masked, and how many questions are left out."""
        zone = self.minds.current().shop.timezone
        today = self.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        async with read_only(self.engine).connect() as connection:
            asked, withheld = await questions_asked(
                connection, today - timedelta(days=1), today, self.minds.may_teach, MOST_ASKED
            )
        return tuple(dict.fromkeys(map(mask, asked))), withheld

"""What do customers ask without an answer, and what is made of it: a script, more words for one, or nothing?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bot.channels.text import for_understanding
from bot.content.minds import Minds
from bot.learning import InVain, Library, masked_questions, proposals
from bot.store.engine import read_only
from bot.store.lessons import questions_in_vain
from bot.store.settled_questions import mark_of, settle_questions, settled_marks
from bot.studio.scripts import Scripts
from knowledge_base import CHANNELS, Audience, Passage, Proposal
from nlu import general_negatives

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

LOOK_BACK = timedelta(days=30)
FRESH_FOR = timedelta(minutes=10)  # grouping thousands of questions takes a while, and changes little meanwhile
LEAST_CUSTOMERS = 2  # what fewer asked is nobody's habit, and could tell who asked


@dataclass(frozen=True, slots=True)
class OpenGap:
    """A group of questions without an answer. last: when it was asked last."""

    proposal: Proposal
    last: datetime | None

    def drafted_as(self, script_id: str) -> OpenGap:
        """The same with its draft written."""
        return replace(self, proposal=replace(self.proposal, drafted=script_id))


@dataclass(frozen=True, slots=True)
class GapList:
    """The groups, the most asked first. withheld: questions of customers who did not agree to it. at: when found."""

    gaps: tuple[OpenGap, ...]
    withheld: int
    at: datetime

    def named(self, draft_id: str) -> OpenGap | None:
        """The gap whose draft has this id."""
        return next((each for each in self.gaps if each.proposal.script.id == draft_id), None)


@dataclass(slots=True)
class Gaps:
    """Found anew now and then; what was done about one of them shows at once."""

    engine: AsyncEngine
    scripts: Scripts
    minds: Minds
    now: Callable[[], datetime]
    _found: GapList | None = None
    _finding: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def found(self, *, anew: bool = False) -> GapList:
        """The groups, less those that were settled. Raises NotReady."""
        async with self._finding:
            if anew or self._found is None or self.now() - self._found.at > FRESH_FOR:
                self._found = await self._find()
            found = self._found
        async with read_only(self.engine).connect() as connection:
            settled = await settled_marks(connection)
        left = (each for each in found.gaps if mark_of(each.proposal.gap.title) not in settled)
        return replace(found, gaps=tuple(left))

    async def draft(self, gap: OpenGap, *, by: str) -> str:
        """Keep the proposed script as a draft; gives the id of the draft, also where there was one."""
        script = gap.proposal.script
        if gap.proposal.drafted:
            return gap.proposal.drafted
        if await self.scripts.sheet(script.id) is None:
            await self.scripts.save(script, "", by=by)
        async with self._finding:
            if self._found is not None:  # known without gathering thousands of questions again
                gaps = tuple(
                    each.drafted_as(script.id) if each.proposal.script.id == script.id else each
                    for each in self._found.gaps
                )
                self._found = replace(self._found, gaps=gaps)
        return script.id

    async def merge(self, gap: OpenGap, script_id: str, *, by: str) -> bool:
        """Add its questions to a script, as a draft of it; False where there is no such script."""
        sheet = await self.scripts.sheet(script_id)
        if sheet is None:
            return False
        questions = tuple(dict.fromkeys((*sheet.shown.questions, *gap.proposal.script.questions)))
        await self.scripts.save(replace(sheet.shown, questions=questions), sheet.token, by=by)
        await self.settle(gap, by=by)
        return True

    async def settle(self, gap: OpenGap, *, by: str) -> None:
        """It is no question for a script; none of its questions is listed again."""
        async with self.engine.begin() as connection:
            await settle_questions(connection, gap.proposal.gap.questions, at=self.now(), by=by)

    async def _find(self) -> GapList:
        now, mind = self.now(), self.minds.current()
        async with read_only(self.engine).connect() as connection:
            asked = await questions_in_vain(connection, now - LOOK_BACK, self.minds.may_teach)
            settled = await settled_marks(connection)
        scripts, _ = await self.scripts.everything()
        audience = Audience(channel=CHANNELS[0], at=now.astimezone(mind.shop.timezone))

        def search(text: str, vector: NDArray[np.float32]) -> Sequence[Passage]:
            return mind.knowledge.search(text, vector, audience)

        library = Library(scripts, search, mind.shop.tariff, audience.channel)
        read = [replace(each, text=for_understanding(each.text)) for each in asked.questions]
        left = [each for each in read if not {mark_of(one) for one in masked_questions(each)} & settled]
        return GapList(await asyncio.to_thread(self._grouped, library, left), asked.withheld, now)

    def _grouped(self, library: Library, asked: Sequence[InVain]) -> tuple[OpenGap, ...]:
        # the shop's own texts are remembered on disk, what customers write is not
        ordinary = self.minds.encoder.encode(general_negatives()).mean(axis=0)
        encode = self.minds.readers.answers.encoder.encode
        found = proposals(asked, library, encode=encode, ordinary=ordinary, customers=LEAST_CUSTOMERS)
        seen: dict[str, datetime] = {}
        for each in asked:
            for question in masked_questions(each):
                if each.at is not None:
                    seen[question] = max(each.at, seen.get(question, each.at))
        return tuple(OpenGap(each, _newest(each, seen)) for each in found)


def _newest(proposal: Proposal, seen: dict[str, datetime]) -> datetime | None:
    return max((seen[each] for each in proposal.gap.questions if each in seen), default=None)

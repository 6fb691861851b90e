"""How is the quality of conversations reviewed: drawn, assigned, scored, told, appealed against, settled, compared?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, exists, or_

from archive.analysis import DISMISSED, FindingStore, KeptFinding
from archive.playback import Player
from archive.reviews import (
    Marks,
    NodeAgreement,
    Outcome,
    PairAgreement,
    Review,
    ReviewEvent,
    ReviewRefused,
    ReviewSelection,
    ReviewState,
    ReviewStore,
    ScoreSheet,
    Words,
    between_reviewers,
    score,
    with_rules,
)
from bot.access import Action, Actor, Audit
from bot.content.shop import Shop
from bot.supervision.archive_desk import ArchiveDesk, Replay
from bot.supervision.drawing import Drawing, Sampler
from bot.supervision.sight import Lookout

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

COMPARED: Final = 5_000  # of the newest reviews: agreement does not change by more
_TOLD: Final = (ReviewState.SCORED, ReviewState.APPEALED, ReviewState.SETTLED)


@dataclass(frozen=True, slots=True)
class OpenedReview:
    """A review with what it is about. replay: None where what was said is gone. sheet: None where the shop has none
    of that name any more. automatic: by node, the findings of the rules that look at the same.
    """  # noqa: D205 - one thought

    review: Review
    events: Sequence[ReviewEvent]
    sheet: ScoreSheet | None
    replay: Replay | None
    automatic: Mapping[str, Sequence[KeptFinding]]


@dataclass(frozen=True, slots=True)
class Compared:
    """Who agrees with whom, and people with rules. reviews: how many scored ones were looked at."""

    reviews: int
    pairs: Sequence[PairAgreement]
    nodes: Sequence[NodeAgreement]


@dataclass(frozen=True, slots=True)
class ReviewDesk:
    """Reviews, for the console. Each command is one transaction: an event of the review, a row of the audit log.

    actor: who does it, for that row. by: the id under which she works.
    """

    engine: AsyncEngine
    readers: AsyncEngine
    store: ReviewStore
    findings: FindingStore
    sampler: Sampler
    player: Player
    archive: ArchiveDesk
    shop: Callable[[], Shop]
    audit: Audit
    now: Callable[[], datetime]

    def sheets(self) -> tuple[ScoreSheet, ...]:
        """The shop's score sheets now."""
        return self.shop().sheets

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    async def listed(self, which: ReviewSelection) -> list[Review]:
        """Reviews, the newest first. Whose: the caller says."""
        async with self.readers.connect() as connection:
            return await self.store.listed(connection, which)

    def of_others(self, lookout: Lookout) -> ReviewSelection:
        """Which reviews of her teams' people she may see: those of what was said in her regions, or by herself."""
        agents = None if lookout.everything else lookout.agents
        return ReviewSelection(agents=agents, seen=partial(self._there, lookout) if lookout.regions else None)

    async def opened(self, review_id: int, lookout: Lookout) -> OpenedReview | None:
        """A review that this person may see; None where there is none."""
        async with self.readers.connect() as connection:
            review = await self.store.find(connection, review_id)
            if review is None or not may_open(review, lookout):
                return None
            events = await self.store.events(connection, review_id)
            session = await self.player.session_at(connection, review.anchor)
            if lookout.regions and lookout.person not in {review.agent, review.reviewer}:
                sight = Lookout(lookout.person, everything=True, regions=lookout.regions).sight(self.archive.tickets)
                if session is None or await self.player.session(connection, session, sight) is None:
                    return None
        # who may see the review may see what it is about, and nothing beyond
        replay = None if session is None else await self.archive.play(session, Lookout(lookout.person, everything=True))
        if replay is not None:
            lines = [each for each in replay.playback.lines if not each.elsewhere]
            replay = replace(replay, playback=replace(replay.playback, lines=lines, earlier=None, later=None))
        sheet = next((each for each in self.sheets() if each.name == review.sheet), None)
        return OpenedReview(review, events, sheet, replay, _automatic(sheet, replay, review.agent))

    async def compared(self, lookout: Lookout, since: datetime, until: datetime) -> Compared:
        """Agreement over reviews assigned in [since, until)."""
        which = replace(self.of_others(lookout), states=_TOLD, since=since, until=until, limit=COMPARED)
        reviews = await self.listed(which)
        return Compared(len(reviews), between_reviewers(reviews), with_rules(reviews))

    # ── commands ─────────────────────────────────────────────────────────────────────────────

    async def decide(self, session_id: int, finding_id: int, state: str, lookout: Lookout, *, actor: Actor) -> bool:
        """Confirm or dismiss what a rule found, or leave it open; False where she may not see such a finding."""
        sight = lookout.sight(self.archive.tickets)
        async with self.engine.begin() as connection:
            if await self.player.session(connection, session_id, sight) is None:
                return False
            found = await self.findings.of_session(connection, session_id)
            if finding_id not in {each.id for each in found}:
                return False
            if not await self.findings.review(connection, finding_id, state):
                return False
            await self._noted(connection, actor, f"finding:{finding_id}")
        return True

    async def draw(self, drawing: Drawing, lookout: Lookout, *, actor: Actor) -> int:
        """Draw a sample and give it to reviewers. Returns how many reviews are new; the same again makes none."""
        async with self.engine.begin() as connection:
            wanted = await self.sampler.draw(connection, drawing, lookout, self.shop().timezone)
            made = await self.store.assign(connection, wanted, by=lookout.person, now=self.now())
            await self._noted(connection, actor, f"sample:{made}")
        return made

    async def score(
        self, opened: OpenedReview, marks: Marks, words: Words, by: str, *, actor: Actor
    ) -> ReviewRefused | None:
        """The reviewer's marks. Raises MarksBroken where they do not fit the sheet."""
        if opened.sheet is None:
            return ReviewRefused.GONE
        outcome = _outcome(opened.sheet, marks, opened.automatic)
        async with self.engine.begin() as connection:
            done = await self.store.score(connection, opened.review, marks, outcome, words, by=by, now=self.now())
            return await self._moved(connection, actor, opened, done)

    async def appeal(self, opened: OpenedReview, words: Words, by: str, *, actor: Actor) -> ReviewRefused | None:
        """Whose work it was disagrees."""
        async with self.engine.begin() as connection:
            done = await self.store.appeal(connection, opened.review, words, by=by, now=self.now())
            return await self._moved(connection, actor, opened, done)

    async def settle(
        self, opened: OpenedReview, marks: Marks, words: Words, by: str, *, actor: Actor
    ) -> ReviewRefused | None:
        """What counts after the appeal. Raises MarksBroken where marks do not fit the sheet."""
        if opened.sheet is None:
            return ReviewRefused.GONE
        outcome = _outcome(opened.sheet, marks, opened.automatic)
        async with self.engine.begin() as connection:
            done = await self.store.settle(connection, opened.review, marks, outcome, words, by=by, now=self.now())
            return await self._moved(connection, actor, opened, done)

    def _there(self, lookout: Lookout, anchor: ColumnElement[int]) -> ColumnElement[bool]:
        e, s = self.archive.tables.entries, self.archive.tables.analysis.sessions
        hers = or_(lookout.within(s.c.region), s.c.agent == lookout.person)
        return exists().where(e.c.id == anchor, s.c.id == e.c.session_id, hers)

    async def _moved(
        self, connection: AsyncConnection, actor: Actor, opened: OpenedReview, refused: ReviewRefused | None
    ) -> ReviewRefused | None:
        if refused is None:
            await self._noted(connection, actor, f"review:{opened.review.id}")
        return refused

    async def _noted(self, connection: AsyncConnection, actor: Actor, on: str) -> None:
        await self.audit.record(connection, Action.REVIEW_CHANGED, by=actor, on=on)


def may_open(review: Review, lookout: Lookout) -> bool:
    """Her reviewer, who leads the agent's team, and the agent once it is told."""
    if lookout.person == review.agent:
        return review.state.is_told
    return lookout.everything or lookout.person == review.reviewer or review.agent in lookout.agents


def _automatic(sheet: ScoreSheet | None, replay: Replay | None, agent: str) -> Mapping[str, Sequence[KeptFinding]]:
    """By node; what a colleague did in the same session is no fault of the agent's."""
    findings = () if replay is None else replay.playback.findings
    found = [each for each in findings if each.state != DISMISSED and each.agent in {"", agent}]
    nodes = () if sheet is None else sheet.nodes
    return {node.name: [each for each in found if each.rule in node.rules] for node in nodes if node.rules}


def _outcome(sheet: ScoreSheet, marks: Marks, automatic: Mapping[str, Sequence[KeptFinding]]) -> Outcome:
    scored = score(sheet, marks)
    return Outcome(
        total=scored.total,
        passed=scored.passed,
        fatal=scored.fatal,
        points={node.name: node.points for node in sheet.nodes},
        automatic={node: bool(found) for node, found in automatic.items()},
    )

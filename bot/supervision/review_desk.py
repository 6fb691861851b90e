"""How is the quality of conversations reviewed: drawn, assigned, scored, told, appealed against, settled, compared?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

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
from bot.content.shop import Shop
from bot.supervision.archive_desk import ArchiveDesk, Replay
from bot.supervision.drawing import Drawing, Sampler
from bot.supervision.sight import Lookout

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

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
    """Reviews, for the console. Each command is one transaction, and an event of the review."""

    engine: AsyncEngine
    readers: AsyncEngine
    store: ReviewStore
    findings: FindingStore
    sampler: Sampler
    player: Player
    archive: ArchiveDesk
    shop: Callable[[], Shop]
    now: Callable[[], datetime]

    def sheets(self) -> tuple[ScoreSheet, ...]:
        """The shop's score sheets now."""
        return self.shop().sheets

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    async def listed(self, which: ReviewSelection) -> list[Review]:
        """Reviews, the newest first. Whose: the caller says."""
        async with self.readers.connect() as connection:
            return await self.store.listed(connection, which)

    async def opened(self, review_id: int, lookout: Lookout) -> OpenedReview | None:
        """A review that this person may see; None where there is none."""
        async with self.readers.connect() as connection:
            review = await self.store.find(connection, review_id)
            if review is None or not may_open(review, lookout):
                return None
            events = await self.store.events(connection, review_id)
            session = await self.player.session_at(connection, review.anchor)
        # who may see the review may see what it is about, and nothing beyond
        replay = None if session is None else await self.archive.play(session, Lookout(lookout.person, everything=True))
        if replay is not None:
            lines = [each for each in replay.playback.lines if not each.elsewhere]
            replay = replace(replay, playback=replace(replay.playback, lines=lines, earlier=None, later=None))
        sheet = next((each for each in self.sheets() if each.name == review.sheet), None)
        return OpenedReview(review, events, sheet, replay, _automatic(sheet, replay))

    async def compared(self, lookout: Lookout, since: datetime, until: datetime) -> Compared:
        """Agreement over reviews assigned in [since, until)."""
        agents = None if lookout.everything else lookout.agents
        which = ReviewSelection(agents=agents, states=_TOLD, since=since, until=until, limit=COMPARED)
        reviews = await self.listed(which)
        return Compared(len(reviews), between_reviewers(reviews), with_rules(reviews))

    # ── commands ─────────────────────────────────────────────────────────────────────────────

    async def decide(self, session_id: int, finding_id: int, state: str, lookout: Lookout) -> bool:
        """Confirm or dismiss what a rule found, or leave it open; False where she may not see such a finding."""
        sight = lookout.sight(self.archive.tickets)
        async with self.engine.begin() as connection:
            if await self.player.session(connection, session_id, sight) is None:
                return False
            found = await self.findings.of_session(connection, session_id)
            if finding_id not in {each.id for each in found}:
                return False
            return await self.findings.review(connection, finding_id, state)

    async def draw(self, drawing: Drawing, lookout: Lookout) -> int:
        """Draw a sample and give it to reviewers. Returns how many reviews are new; the same again makes none."""
        async with self.engine.begin() as connection:
            wanted = await self.sampler.draw(connection, drawing, lookout, self.shop().timezone)
            return await self.store.assign(connection, wanted, by=lookout.person, now=self.now())

    async def score(self, opened: OpenedReview, marks: Marks, words: Words, by: str) -> ReviewRefused | None:
        """The reviewer's marks. Raises MarksBroken where they do not fit the sheet."""
        if opened.sheet is None:
            return ReviewRefused.GONE
        outcome = _outcome(opened.sheet, marks, opened.automatic)
        async with self.engine.begin() as connection:
            return await self.store.score(connection, opened.review, marks, outcome, words, by=by, now=self.now())

    async def appeal(self, opened: OpenedReview, words: Words, by: str) -> ReviewRefused | None:
        """Whose work it was disagrees."""
        async with self.engine.begin() as connection:
            return await self.store.appeal(connection, opened.review, words, by=by, now=self.now())

    async def settle(self, opened: OpenedReview, marks: Marks, words: Words, by: str) -> ReviewRefused | None:
        """What counts after the appeal. Raises MarksBroken where marks do not fit the sheet."""
        if opened.sheet is None:
            return ReviewRefused.GONE
        outcome = _outcome(opened.sheet, marks, opened.automatic)
        async with self.engine.begin() as connection:
            return await self.store.settle(connection, opened.review, marks, outcome, words, by=by, now=self.now())


def may_open(review: Review, lookout: Lookout) -> bool:
    """Her reviewer, who leads the agent's team, and the agent once it is told."""
    if lookout.person == review.agent:
        return review.state.is_told
    return lookout.everything or lookout.person == review.reviewer or review.agent in lookout.agents


def _automatic(sheet: ScoreSheet | None, replay: Replay | None) -> Mapping[str, Sequence[KeptFinding]]:
    found = [] if replay is None else [each for each in replay.playback.findings if each.state != DISMISSED]
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

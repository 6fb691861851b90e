"""What is the operator's side made of? One frozen value for the console, built from the product's parts."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from bot.access import Audit
from bot.content.minds import Minds
from bot.store.uses import Uses
from bot.studio.checks import Checks
from bot.studio.draft_mind import DraftMind
from bot.studio.gaps import Gaps
from bot.studio.intents import Intents
from bot.studio.pack_mind import PackMind
from bot.studio.rehearsal import Rehearsal
from bot.studio.scripts import Scripts
from bot.studio.shelf import Shelf
from bot.studio.trial import Trial
from bot.wakeups import Wakeups
from knowledge_base import Edits, Tables

PATIENCE_S: Final = 10.0  # for one message: an operator would rather wait than see that it took too long


@dataclass(frozen=True, slots=True)
class Studio:
    """Everything of it."""

    shelf: Shelf
    scripts: Scripts
    checks: Checks
    gaps: Gaps
    intents: Intents
    trial: Trial


def build_studio(minds: Minds, tables: Tables, wakeups: Wakeups, audit: Audit) -> Studio:
    """Build it."""
    engine, content, now = minds.engine, minds.store, minds.now
    edits = Edits(tables)
    scripts = Scripts(engine, content.library, edits, Uses(now=now), audit, wakeups, now)
    drafts = DraftMind(engine, content, edits, minds)
    return Studio(
        shelf=Shelf(engine, content.library, edits),
        scripts=scripts,
        checks=Checks(scripts, minds.encoder.encode, now),
        gaps=Gaps(engine, scripts, minds, now),
        intents=Intents(engine, content, audit, wakeups, now),
        trial=Trial(
            engine, minds, drafts, PackMind(engine, minds, now), Rehearsal(PATIENCE_S, time.monotonic, now), now
        ),
    )

"""How does a group of unanswered questions become a script for an operator to write?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base.gaps import Gap
from knowledge_base.script import DEFAULT_CHANNEL, Script
from knowledge_base.text import normalise
from knowledge_base.unwritten import TO_BE_WRITTEN

MAX_PROPOSED = 20  # questions of a draft; the operator reads them all


@dataclass(frozen=True, slots=True)
class Near:
    """The script found nearest to a gap, with the mean probability that it answers the gap's questions."""

    script: Script
    probability: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an operator may do about a gap.

    script: a draft without an answer. extends: id of the live script to which its questions may rather be added, or
    whose answer to rewrite; "" where a new script is needed. drafted: id of a draft or script under review that
    already holds one of the questions, "" if none.
    """

    gap: Gap
    near: Near | None
    script: Script
    extends: str = ""
    drafted: str = ""


def propose(gap: Gap, near: Near | None, library: Sequence[Script], *, extend_above: float) -> Proposal:
    """Put a gap into a draft: its title asks, the others are similar questions, the answer is still to be written.

    library: every script there is, of any state. extend_above: probability from which the nearest script is meant.
    """
    extends = near.script if near and near.probability >= extend_above else None
    script = Script(
        id=draft_id(gap),
        title=gap.title,
        category=extends.category if extends else (),
        stage=extends.stage if extends else "before",
        questions=gap.questions[:MAX_PROPOSED],
        answers={DEFAULT_CHANNEL: TO_BE_WRITTEN},
        state="draft",
        related=(extends.id,) if extends else (),
    )
    return Proposal(gap, near, script, extends.id if extends else "", _drafted(gap, library))


def draft_id(gap: Gap) -> str:
    """The same for the same title, so that importing twice makes one draft."""
    return f"gap-{hashlib.sha256(normalise(gap.title).encode()).hexdigest()[:12]}"


def _drafted(gap: Gap, library: Sequence[Script]) -> str:
    asked = {normalise(question) for question in gap.questions}
    for script in library:
        waiting = script.state in ("draft", "review")
        if waiting and any(normalise(question) in asked for question in script.questions):
            return script.id
    return ""

"""When does the spelling of a message say enough, so that nothing has to be encoded?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from knowledge_base import Passage
from nlu import OUT_OF_SCOPE, Understanding

FAQ: Final = "faq"  # the intent of everything the scripts answer; steering intents are told apart from it
# Calibrated probabilities: being wrong here must be rarer than where the vector is asked.
SURE_INTENT: Final = 0.95
SURE_SCRIPT: Final = 0.95
DOUBT: Final = 0.10


def enough_without_meaning(
    glance: Understanding, search: Callable[[float], Sequence[Passage]]
) -> Sequence[Passage] | None:
    """What was found without a vector, where that can stand; None where the vector must be asked.

    Either the customer steers the conversation for certain (a greeting, a call for a person…), or one script answers
    for certain and she hardly means to steer. search: looks for scripts by spelling, and need find none where no
    script is as probable as it is told; only asked where it may matter.
    """
    if _steers(glance.intent):
        return search(0.0) if glance.confidence >= SURE_INTENT else None
    if sum(share for intent, share in glance.ranking if _steers(intent)) > DOUBT:
        return None
    found = search(SURE_SCRIPT)
    return found if found and found[0].probability >= SURE_SCRIPT else None


def asks(understanding: Understanding) -> bool:
    """Whether it may well ask what scripts answer, and does not only steer the conversation or mean something else."""
    return (
        sum(share for intent, share in understanding.ranking if intent != OUT_OF_SCOPE and not _steers(intent)) > DOUBT
    )


def _steers(intent: str) -> bool:
    """Whether the intent is more than a question that scripts answer ("faq", or "faq/…" as Rasa names them)."""
    return intent not in {FAQ, OUT_OF_SCOPE} and not intent.startswith(f"{FAQ}/")

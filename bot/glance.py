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


def enough_without_meaning(glance: Understanding, search: Callable[[], Sequence[Passage]]) -> Sequence[Passage] | None:
    """What was found without a vector, where that can stand; None where the vector must be asked.

    Either the customer steers the conversation for certain (a greeting, a call for a person…), or one script answers
    for certain and she hardly means to steer. search: looks for scripts by spelling; only asked where it may matter.
    """
    told = dict(glance.ranking)
    if glance.intent not in {FAQ, OUT_OF_SCOPE}:
        return search() if glance.confidence >= SURE_INTENT else None
    steers = 1.0 - told.get(FAQ, 0.0) - told.get(OUT_OF_SCOPE, 0.0)
    if steers > DOUBT:
        return None
    found = search()
    return found if found and found[0].probability >= SURE_SCRIPT else None

"""When does the spelling of a message say enough, so that nothing has to be encoded?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from knowledge_base import Passage
from nlu import OUT_OF_SCOPE, Understanding

FAQ: Final = "faq"  # the intent of everything the scripts answer; steering intents are told apart from it
# Calibrated probabilities: being wrong here must be rarer than where the vector is asked.
SURE_INTENT: Final = 0.95
SURE_SCRIPT: Final = 0.95
DOUBT: Final = 0.10


def is_enough(glance: Understanding, passages: Sequence[Passage]) -> bool:
    """Whether what was understood and found without a vector can stand.

    Either the customer steers the conversation for certain (a greeting, a call for a person…), or one script answers
    for certain and she hardly means to steer.
    """
    told = dict(glance.ranking)
    steers = 1.0 - told.get(FAQ, 0.0) - told.get(OUT_OF_SCOPE, 0.0)
    if glance.intent not in {FAQ, OUT_OF_SCOPE}:
        return glance.confidence >= SURE_INTENT
    return bool(passages) and passages[0].probability >= SURE_SCRIPT and steers <= DOUBT

"""What answers a question that leans on the one before? Rather what it asks itself than what was answered already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from knowledge_base import Passage


def combined(
    alone: Sequence[Passage], together: Sequence[Passage], before: Sequence[Passage], most: int
) -> list[Passage]:
    """The passages for a follow-up, most probable first, at most `most`.

    alone: found for its own words ("那运费呢"). together: for these with what they lean on. before: for that alone.
    A script that answers what went before was said already: only what the follow-up adds to its probability counts.
    """
    known = {each.script_id: each.probability for each in before}
    found = {each.script_id: each for each in alone}
    for each in together:
        news = each.probability * (1.0 - known.get(each.script_id, 0.0))
        if each.script_id not in found or news > found[each.script_id].probability:
            found[each.script_id] = replace(each, probability=news)
    return sorted(found.values(), key=lambda each: -each.probability)[:most]

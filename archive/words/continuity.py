"""Is this the topic we told of last time? Then it keeps its id and its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from archive.words.questions import Topic

SAME = 0.5  # share of the smaller one's questions that both hold, or of all phrases of both names


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of a topic between two runs: no text but its name. questions: ids."""

    id: str
    name: str
    phrases: tuple[str, ...]
    questions: frozenset[int]


def known(topic: Topic) -> Known:
    """What the next run must know of this one."""
    return Known(topic.id, topic.name, topic.phrases, frozenset(topic.questions))


def carried_on(found: Sequence[Topic], previous: Sequence[Known]) -> list[Topic]:
    """Give every topic its id: that of the most overlapping topic of before, else one of its own.

    Topics are matched one to one, the most overlapping pair first: by the questions they share, and where the windows
    share none by the phrases of their names.
    """
    pairs = sorted(
        (
            (-overlap, at, each.id)
            for at, topic in enumerate(found)
            for each in previous
            if (overlap := _overlap(topic, each)) >= SAME
        ),
    )
    by_id = {each.id: each for each in previous}
    matched: dict[int, Known] = {}
    for _, at, name in pairs:
        if at not in matched and name in by_id:
            matched[at] = by_id.pop(name)
    taken = {each.id for each in previous}
    result: list[Topic] = []
    for at, topic in enumerate(found):
        if at in matched:
            same = matched[at]
            result.append(replace(topic, id=same.id, name=same.name, phrases=same.phrases))
            continue
        # the first question's id names the topic: no other topic holds that question
        fresh = next((f"t{each}" for each in topic.questions if f"t{each}" not in taken), f"t{topic.questions[0]}-{at}")
        taken.add(fresh)
        result.append(replace(topic, id=fresh))
    return result


def _overlap(topic: Topic, before: Known) -> float:
    shared = len(before.questions.intersection(topic.questions))
    if shared:
        return shared / min(len(before.questions), len(topic.questions))
    names, theirs = set(topic.phrases), set(before.phrases)
    return len(names & theirs) / len(names | theirs)

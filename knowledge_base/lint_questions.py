"""Which scripts get into each other's way: alike questions, one answer twice, answers that contradict each other?"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from knowledge_base.claims import claims, contradiction
from knowledge_base.findings import Finding, finding
from knowledge_base.likeness import alike
from knowledge_base.lint_one import says_by_default
from knowledge_base.script import CHANNELS, Script
from knowledge_base.text import normalise
from knowledge_base.vector_index import Encode

NEAR = 0.75  # measured on the shipped shop: between scripts none reaches it, within scripts one pair in a hundred
SURE = 0.8  # so alike that answers must agree
STRAY, STRAY_BY = 0.65, 0.2  # how like another script's question, and by how much more than like its own
SAME_ANSWER_CHARACTERS = 15  # shorter ones ("可以的") are said to many questions

_A_NOT_A = re.compile(r"(.)[不没]\1")
_FILLERS = re.compile(
    "请问一?下?|我?想问一?下?|问一?下|[你您咱]们店?|[本贵]店|店里|亲们?|你好|您好|在吗|[吗呢吧啊呀哦嘛么的了哈]"
)


@dataclass(slots=True)
class _Meeting:
    """Where the questions of two scripts meet. likeness: 2 for the same words, 1 for the same but for fillers."""

    asked: list[tuple[float, str, str]] = field(default_factory=list)

    @property
    def best(self) -> tuple[float, str, str]:
        return max(self.asked)


def lint_questions(scripts: Sequence[Script], encode: Encode | None) -> Iterator[Finding]:
    """Duplicates and contradictions among scripts that could be said to the same customers.

    Scripts with other conditions (channel, scene, tag, region, hours) or another time of validity are variants of one
    another, and meant to share questions.
    """
    texts = [question for script in scripts for question in script.questions]
    owners = np.repeat(np.arange(len(scripts)), [len(script.questions) for script in scripts])
    meetings: defaultdict[tuple[int, int], _Meeting] = defaultdict(_Meeting)
    _meet_by_words(scripts, texts, owners, meetings)
    strays = _meet_by_likeness(scripts, texts, owners, meetings, encode)
    for (one, other), meeting in sorted(meetings.items()):
        yield from _judge(scripts[one], scripts[other], meeting)
    yield from strays
    yield from _same_answers(scripts)


def gist(question: str) -> str:
    """The question without fillers, `能不能退` as `能退`: equal gists ask the same."""
    return _A_NOT_A.sub(r"\1", _FILLERS.sub("", normalise(question)))


def rivals(one: Script, other: Script) -> bool:
    """Whether both may be said to one customer at one time, as far as their conditions tell."""
    same = all(
        getattr(one, name) == getattr(other, name) for name in ("channels", "scenes", "tags", "regions", "hours")
    )
    return same and not (_before(one, other) or _before(other, one))


def _before(one: Script, other: Script) -> bool:
    return bool(one.valid_until and other.valid_from and one.valid_until < other.valid_from)


def _meet_by_words(
    scripts: Sequence[Script],
    texts: Sequence[str],
    owners: np.ndarray,
    meetings: defaultdict[tuple[int, int], _Meeting],
) -> None:
    """Each further script with a gist meets the first rival that has it: many alike give a list, not its square."""
    by_gist: defaultdict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        if key := gist(text):
            by_gist[key].append(place)
    for places in by_gist.values():
        if owners[places[0]] == owners[places[-1]]:
            continue
        firsts: list[int] = []
        for place in places:
            owner = int(owners[place])
            first = next((each for each in firsts if rivals(scripts[owners[each]], scripts[owner])), None)
            if first is None:
                firsts.append(place)
            elif owners[first] != owner:
                same = normalise(texts[first]) == normalise(texts[place])
                meetings[int(owners[first]), owner].asked.append((2.0 if same else 1.0, texts[first], texts[place]))


def _meet_by_likeness(
    scripts: Sequence[Script],
    texts: Sequence[str],
    owners: np.ndarray,
    meetings: defaultdict[tuple[int, int], _Meeting],
    encode: Encode | None,
) -> list[Finding]:
    """Add pairs that are alike; give the questions that lie nearer to another script than to their own."""
    pairs = alike([gist(text) for text in texts], encode(texts) if encode else None)
    apart = owners[pairs.left] != owners[pairs.right]
    own, foreign = np.zeros(len(texts), np.float32), np.zeros(len(texts), np.float32)
    for ends in (pairs.left, pairs.right):
        np.maximum.at(own, ends[~apart], pairs.likeness[~apart])
        np.maximum.at(foreign, ends[apart], pairs.likeness[apart])
    strays: list[Finding] = []
    for pair in np.flatnonzero(apart & (pairs.likeness >= STRAY)):
        left, right, likeness = int(pairs.left[pair]), int(pairs.right[pair]), float(pairs.likeness[pair])
        one, other = int(owners[left]), int(owners[right])
        if not rivals(scripts[one], scripts[other]) or gist(texts[left]) == gist(texts[right]):
            continue
        if likeness >= NEAR:
            meetings[min(one, other), max(one, other)].asked.append((likeness, texts[left], texts[right]))
            continue
        for here, there in ((left, right), (right, left)) if encode is not None else ():
            if likeness == foreign[here] and likeness >= own[here] + STRAY_BY:
                ids = [scripts[owners[here]].id, scripts[owners[there]].id]
                strays.append(finding("stray_question", ids, question=texts[here], other=texts[there]))
    return strays


def _judge(one: Script, other: Script, meeting: _Meeting) -> Iterator[Finding]:
    likeness, mine, theirs = meeting.best
    ids = [one.id, other.id]
    if likeness > 1:
        yield finding("same_question", ids, question=mine)
    if likeness >= SURE and (difference := _difference(one, other)):
        yield finding("contradiction", ids, one=mine, other=theirs, difference=difference)
    elif likeness <= 1:
        yield finding("near_question", ids, one=mine, other=theirs, count=len(meeting.asked))


def _difference(one: Script, other: Script) -> str:
    for channel in CHANNELS:
        if said := contradiction(claims(one.answer(channel)), claims(other.answer(channel))):
            return said
    return ""


def _same_answers(scripts: Sequence[Script]) -> Iterator[Finding]:
    firsts: dict[str, Script] = {}
    for script in scripts:
        said = says_by_default(script)
        if len(said) < SAME_ANSWER_CHARACTERS:
            continue
        first = firsts.setdefault(said, script)
        if first is not script and rivals(first, script) and first.attachments == script.attachments:
            yield finding("same_answer", [first.id, script.id])

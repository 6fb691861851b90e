"""What is a group of questions called? By the phrases said in it and seldom elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive.words.catalogue import catalogue
from archive.words.keyness import Key, keyness

MOST_PHRASES = 3
LONGEST = 10  # characters of a phrase in a name
COMMON = 0.15  # share of the questions that must say a phrase of the name
HELD = 0.4  # share of the questions that must say any of them: else the group has no subject
SURPRISE = 2.0  # standard deviations above the other questions
LONGER = 1.3  # a phrase of three characters and more tells more than a word of two: "转人工" than "人工"
_JOINT = "、"


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of every question, how many questions say each, and the sum of that."""

    of: Sequence[frozenset[str]]
    everywhere: Mapping[str, int]
    total: int


def counted(phrases: Sequence[frozenset[str]]) -> Phrases:
    """Count them."""
    everywhere = Counter(phrase for each in phrases for phrase in each)
    return Phrases(phrases, everywhere, everywhere.total())


def name_of(members: Sequence[int], phrases: Phrases) -> tuple[str, ...]:
    """Up to `MOST_PHRASES` phrases of the members, the most telling first; none where the group has no subject."""
    counts = Counter(phrase for member in members for phrase in phrases.of[member])
    elsewhere = {phrase: phrases.everywhere[phrase] - count for phrase, count in counts.items()}
    # all other phrases as one, which no question says: only their sum counts
    elsewhere[""] = phrases.total - counts.total() - sum(elsewhere.values()) or 1
    keys = keyness(counts, elsewhere, least=2, surprise=SURPRISE)
    fitting = [key for key in keys if key.count >= COMMON * len(members) and len(key.text) <= LONGEST]
    chosen: list[str] = []
    for key in sorted(fitting, key=lambda one: (-_telling(one), one.text)):
        if len(chosen) < MOST_PHRASES and not any(key.text in other or other in key.text for other in chosen):
            chosen.append(key.text)
    narrow = [phrase for phrase in chosen if phrase not in catalogue().wide]
    held = sum(1 for member in members if not phrases.of[member].isdisjoint(chosen))
    if not narrow or held < HELD * len(members):
        return ()
    return (*narrow, *(phrase for phrase in chosen if phrase not in narrow))


def spelled(phrases: Sequence[str]) -> str:
    """The name as people read it."""
    return _JOINT.join(phrases)


def _telling(key: Key) -> float:
    return key.z * (LONGER if len(key.text) >= 3 else 1.0)  # noqa: PLR2004 - characters, see LONGER

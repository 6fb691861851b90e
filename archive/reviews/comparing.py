"""Do reviewers agree with each other, and with what the rules found by themselves? Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from archive.reviews.agreement import Agreement, agreement
from archive.reviews.values import Outcome, Review


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Two reviewers who scored the same sessions. marks: of all nodes together; passed: of the verdicts."""

    first: str
    second: str
    sessions: int
    marks: Agreement
    passed: Agreement


@dataclass(frozen=True, slots=True)
class NodeAgreement:
    """A node's fault as people and as rules see it. both, people, rules: how often each saw one."""

    sheet: str
    node: str
    both: int
    people: int
    rules: int
    agreement: Agreement


def between_reviewers(reviews: Sequence[Review]) -> list[PairAgreement]:
    """Every two reviewers who scored the same person's work in a session by the same sheet. reviews: scored ones."""
    by_work: dict[tuple[int, str, str], list[Review]] = defaultdict(list)
    for each in reviews:
        if each.outcome is not None:
            by_work[each.anchor, each.agent, each.sheet].append(each)
    pairs: dict[tuple[str, str], list[tuple[Review, Review]]] = defaultdict(list)
    for same in by_work.values():
        for one, other in combinations(sorted(same, key=lambda each: each.reviewer), 2):
            pairs[one.reviewer, other.reviewer].append((one, other))
    return [
        PairAgreement(
            *names,
            len(both),
            agreement([each for one, other in both for each in _marked_alike(one, other)]),
            agreement([(_passed(one), _passed(other)) for one, other in both]),
        )
        for names, both in sorted(pairs.items())
    ]


def with_rules(reviews: Sequence[Review]) -> list[NodeAgreement]:
    """Each node that rules look at, too, by sheet and node. A node that does not apply is not compared."""
    seen: dict[tuple[str, str], list[tuple[bool, bool]]] = defaultdict(list)
    for each in reviews:
        if each.outcome is None or each.marks is None:
            continue
        for node, found in each.outcome.automatic.items():
            mark = each.marks.get(node)
            if mark is not None:
                seen[each.sheet, node].append((mark < each.outcome.points[node], found))
    return [
        NodeAgreement(
            *key,
            both=sum(people and rules for people, rules in faults),
            people=sum(people for people, _ in faults),
            rules=sum(rules for _, rules in faults),
            agreement=agreement(faults),
        )
        for key, faults in sorted(seen.items())
    ]


def _marked_alike(one: Review, other: Review) -> list[tuple[str, str]]:
    """The same node as both marked it: in full, in part, not at all, or as not applying."""
    names = sorted(set(one.marks or ()) & set(other.marks or ()))
    return [(_marked(one, name), _marked(other, name)) for name in names]


def _marked(review: Review, node: str) -> str:
    mark = (review.marks or {})[node]
    if mark is None:
        return "none"
    points = review.outcome.points.get(node, 1) if review.outcome else 1
    return "full" if mark >= points else "part" if mark else "no"


def _passed(review: Review) -> bool:
    outcome: Outcome | None = review.outcome
    return outcome is not None and outcome.passed

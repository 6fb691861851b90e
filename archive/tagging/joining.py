"""Which tags does a person have whom several accounts know, each by a name of its own? Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from archive.tagging.evaluation import TagState
from archive.tagging.rules import TagRules
from archive.tagging.store import Tag


def joined(tags: Iterable[Tag], rules: TagRules) -> list[Tag]:
    """One of each name, the surest first, out of the tags of all her names.

    What people decided wins, of two decisions the later; else worn is worn, as sure as the surest. Of tags that
    exclude each other what people pinned stays, then the higher priority, then the surer; the others have faded.
    """
    best: dict[str, Tag] = {}
    for tag in tags:
        other = best.get(tag.name)
        if other is None or _weight(tag) > _weight(other):
            best[tag.name] = tag
    worn: list[str] = []
    for tag in sorted(best.values(), key=lambda tag: _rank(tag, rules)):
        if not tag.state.is_worn:
            continue
        if tag.state is TagState.ACTIVE and any(rules.clash(name, tag.name) for name in worn):
            best[tag.name] = replace(tag, state=TagState.FADED)
        else:
            worn.append(tag.name)
    return sorted(best.values(), key=lambda tag: (-tag.confidence, tag.name))


def _weight(tag: Tag) -> tuple[bool, float, bool, float]:
    decided = tag.state.is_decided
    return decided, tag.changed_at.timestamp() if decided else 0.0, tag.state.is_worn, tag.confidence


def _rank(tag: Tag, rules: TagRules) -> tuple[bool, float, float, str]:
    rule = rules.by_name.get(tag.name)
    return tag.state is not TagState.PINNED, -(rule.priority if rule else 0.0), -tag.confidence, tag.name

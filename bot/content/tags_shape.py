"""What may stand in tags.yaml? Customers' tags with the clues that speak for each, and what they become."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import time, timedelta, tzinfo
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from archive.tagging import (
    TAG_CHARS,
    CameFrom,
    Clue,
    Condition,
    Each,
    Figure,
    HasIntent,
    HasKeyword,
    HasMood,
    HasSignal,
    HasTopic,
    SessionShows,
    ShowsOrder,
    Signal,
    TagRule,
    TagRules,
    WithinHours,
)
from bot.content.problems import PackProblem, dotted, line_of, problem
from bot.content.quality_shape import Duration
from handoff import mistake

FAQ: Final = "faq/"  # intents that scripts make; they come and go with the scripts
_HOURS: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_CONDITIONS: Final = ("keywords", "intents", "topics", "mood", "signals", "hours", "sources", "orders", "session")


def _hours(value: object) -> object:
    found = _HOURS.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or found.groups()[:2] == found.groups()[2:]:
        raise mistake("no_time_of_day")
    return (time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4])))


Hours = Annotated[tuple[time, time], BeforeValidator(_hours)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Words = Annotated[tuple[Word, ...], Field(min_length=1)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TAG_CHARS)]
Ratio = Annotated[float, Field(gt=0, le=1)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RangeShape(_Shape):
    """`{at_least: 0.5}`, `{at_most: -0.3}` or both."""

    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _check_range(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise mistake("empty_range")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise mistake("range_turned_round")
        return self


class ClueShape(_Shape):
    """`{keywords: [口红], count: 2, each: session, within: 60d, weight: 0.3}`: all its conditions in one message."""

    keywords: Words | None = None
    intents: Words | None = None
    topics: Words | None = None
    mood: RangeShape | None = None
    signals: dict[Signal, Ratio] = Field(default_factory=dict)
    hours: Hours | None = None
    sources: Words | None = None
    orders: Literal[True] | None = None
    session: dict[Figure, RangeShape] = Field(default_factory=dict)
    weight: Annotated[float, Field(gt=0, lt=1)]
    within: Duration = timedelta(days=90)
    count: int = Field(default=1, ge=1, le=100)
    each: Each = Each.SESSION

    @model_validator(mode="after")
    def _check_conditions(self) -> Self:
        if not any(getattr(self, name) for name in _CONDITIONS):
            raise mistake("no_condition", known=", ".join(_CONDITIONS))
        if not self.within:
            raise mistake("within_nothing")
        return self

    def clue(self) -> Clue:
        """As it is judged by."""
        return Clue(tuple(self._conditions()), self.weight, self.within, self.count, self.each)

    def _conditions(self) -> list[Condition]:
        found: list[Condition] = []
        named = (
            (self.keywords, HasKeyword), (self.intents, HasIntent), (self.topics, HasTopic), (self.sources, CameFrom),
        )  # fmt: skip
        found += [make(frozenset(words)) for words, make in named if words]
        if self.mood is not None:
            lowest, highest = self.mood.at_least, self.mood.at_most
            found.append(HasMood(-1.0 if lowest is None else lowest, 1.0 if highest is None else highest))
        found += [HasSignal(signal, at_least) for signal, at_least in sorted(self.signals.items())]
        if self.hours is not None:
            found.append(WithinHours(*self.hours))
        if self.orders:
            found.append(ShowsOrder())
        found += [SessionShows(figure, each.at_least, each.at_most) for figure, each in sorted(self.session.items())]
        return found


class GroupShape(_Shape):
    """`兴趣: {alternatives: false}`: of alternatives a customer has one at most."""

    alternatives: bool = False


class TagShape(_Shape):
    """`{name: 美妆爱好者, group: 兴趣, clues: […], appears: 0.6, fades: 0.3, half_life: 60d}`."""

    name: Name
    group: Name
    clues: tuple[ClueShape, ...]
    appears: Ratio = 0.6
    fades: Ratio = 0.3
    half_life: Duration = timedelta(days=60)
    excludes: tuple[Name, ...] = ()
    priority: int = Field(default=0, ge=-100, le=100)
    advice: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""

    @model_validator(mode="after")
    def _check_numbers(self) -> Self:
        if self.fades > self.appears:
            raise mistake("fades_above_appears")
        if not self.half_life:
            raise mistake("no_half_life")
        if not self.clues:
            raise mistake("no_clue")
        return self


class TagsShape(_Shape):
    """tags.yaml."""

    version: Literal[1] = 1
    groups: dict[Name, GroupShape | None] = Field(default_factory=dict)
    tags: tuple[TagShape, ...] = ()


def tag_rules_of(shape: TagsShape, zone: tzinfo) -> TagRules:
    """The rules as customers are judged by."""
    rules = tuple(
        TagRule(
            name=each.name,
            group=each.group,
            clues=tuple(clue.clue() for clue in each.clues),
            appears=each.appears,
            fades=each.fades,
            half_life=each.half_life,
            excludes=frozenset(each.excludes),
            priority=each.priority,
            advice=each.advice,
        )
        for each in shape.tags
    )
    return TagRules(rules, zone, frozenset(name for name, each in shape.groups.items() if each and each.alternatives))


def tag_problems(file: str, data: Any, shape: TagsShape, intents: Collection[str]) -> list[PackProblem]:
    """What each part may say by itself, but not beside the others. intents: those that the pack teaches."""
    names = [each.name for each in shape.tags]
    found: list[tuple[tuple[str | int, ...], str, str]] = []
    for place, tag in enumerate(shape.tags):
        where: tuple[str | int, ...] = ("tags", place)
        if tag.name in names[:place]:
            found.append(((*where, "name"), "tags_called_alike", tag.name))
        if tag.group not in shape.groups:
            found.append(((*where, "group"), "no_group", tag.group))
        found += [
            ((*where, "excludes"), "no_tag", other) for other in tag.excludes if other not in names or other == tag.name
        ]
        found += [
            ((*where, "clues", number, "intents"), "no_intent", intent)
            for number, clue in enumerate(tag.clues)
            for intent in clue.intents or ()
            if not intent.startswith(FAQ) and intent not in intents
        ]
    return [problem(file, line_of(data, at), kind, where=dotted(at), name=name) for at, kind, name in found]

"""What may stand in quality.yaml? Rules of good service, one check each, and what they become."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator, model_validator

from archive.analysis import (
    BrokenPromise,
    CausedHandover,
    Check,
    Drift,
    ForbiddenPhrase,
    MissingPhrase,
    Node,
    QualityRule,
    Severity,
    Side,
    SlowAnswer,
    Unanswered,
)
from bot.phrases import default_phrases
from handoff import mistake
from knowledge_base import STAGES

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION: Final = re.compile(r"([0-9]{1,6})([smhd])")
_CHECKS: Final = (
    "unanswered", "slow_answer", "forbidden", "missing", "broken_promise", "drift", "caused_handover",
)  # fmt: skip
_REASONS: Final = frozenset(
    name.removeprefix("reasons.") for name in default_phrases().sentences if name.startswith("reasons.")
)


def _duration(value: object) -> object:
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise mistake("no_duration")
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Words = Annotated[tuple[Phrase, ...], Field(min_length=1)]
By = Literal["bot", "person", "shop"]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _AtNode(_Shape):
    """Of rules that hold at some nodes only."""

    stages: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()

    @field_validator("stages")
    @classmethod
    def _check_stages(cls, stages: tuple[str, ...]) -> tuple[str, ...]:
        for stage in stages:
            if stage not in STAGES:
                raise mistake("no_stage", name=stage, known=", ".join(STAGES))
        return stages


class UnansweredShape(_Shape):
    """`unanswered: {after: 10m}`."""

    after: Duration


class SlowAnswerShape(_Shape):
    """`slow_answer: {over: 3m, by: person, first: true, hours: shop}`."""

    over: Duration
    by: By = "person"
    first: bool = False
    hours: Literal["shop", "always"] = "shop"


class ForbiddenShape(_AtNode):
    """`forbidden: {phrases: […], by: shop, stages: […], scripts: […]}`."""

    phrases: Words
    by: By = "shop"


class MissingShape(_AtNode):
    """`missing: {phrases: […], at: opening, by: person, stages: […], scripts: […]}`."""

    phrases: Words
    at: Literal["opening", "closing", "anywhere"] = "anywhere"
    by: By = "person"


class BrokenPromiseShape(_Shape):
    """`broken_promise: {phrases: […], within: 24h, not_before: 10m, by: shop}`."""

    phrases: Words
    within: Duration
    not_before: Duration = timedelta(0)
    by: By = "shop"

    @model_validator(mode="after")
    def _check_times(self) -> Self:
        if self.not_before >= self.within:
            raise mistake("not_before_within")
        return self


class DriftShape(_Shape):
    """`drift: {below: 0.4}`."""

    below: float = Field(gt=0, le=1)


class CausedHandoverShape(_Shape):
    """`caused_handover: {reasons: [nothing_found]}`."""

    reasons: Annotated[tuple[str, ...], Field(min_length=1)]

    @field_validator("reasons")
    @classmethod
    def _check_reasons(cls, reasons: tuple[str, ...]) -> tuple[str, ...]:
        for reason in reasons:
            if reason not in _REASONS:
                raise mistake("no_reason", name=reason, known=", ".join(sorted(_REASONS)))
        return reasons


class RuleShape(_Shape):
    """`{name: 回答太慢, severity: major, slow_answer: {…}, advice: …}`, with exactly one check."""

    name: Name
    severity: Literal["minor", "major", "critical"] = "major"
    advice: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    unanswered: UnansweredShape | None = None
    slow_answer: SlowAnswerShape | None = None
    forbidden: ForbiddenShape | None = None
    missing: MissingShape | None = None
    broken_promise: BrokenPromiseShape | None = None
    drift: DriftShape | None = None
    caused_handover: CausedHandoverShape | None = None

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if len([name for name in _CHECKS if getattr(self, name) is not None]) != 1:
            raise mistake("one_check", known=", ".join(_CHECKS))
        return self

    def check(self) -> Check:  # noqa: PLR0911 - one each
        """The check as a value."""
        if (unanswered := self.unanswered) is not None:
            return Unanswered(unanswered.after)
        if (slow := self.slow_answer) is not None:
            return SlowAnswer(slow.over, Side(slow.by), slow.first, slow.hours == "shop")
        if (said := self.forbidden) is not None:
            side = Side(said.by)
            return ForbiddenPhrase(said.phrases, side, frozenset(said.stages), frozenset(said.scripts))
        if (lacks := self.missing) is not None:
            node, side = Node(lacks.at), Side(lacks.by)
            return MissingPhrase(lacks.phrases, node, side, frozenset(lacks.stages), frozenset(lacks.scripts))
        if (promise := self.broken_promise) is not None:
            side = Side(promise.by)
            return BrokenPromise(promise.phrases, promise.within, promise.not_before, side)
        if (drift := self.drift) is not None:
            return Drift(drift.below)
        assert self.caused_handover is not None  # noqa: S101 - `_check_one` saw to it
        return CausedHandover(frozenset(self.caused_handover.reasons))


class QualityShape(_Shape):
    """quality.yaml."""

    version: Literal[1] = 1
    rules: tuple[RuleShape, ...] = ()

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        names = [rule.name for rule in self.rules]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise mistake("rules_called_alike", name=twice[0])
        return self


def rules_of(shape: QualityShape) -> tuple[QualityRule, ...]:
    """The rules as sessions are held against them."""
    return tuple(QualityRule(each.name, Severity(each.severity), each.check(), each.advice) for each in shape.rules)

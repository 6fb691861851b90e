"""What do the signals mean in this shop? The pack's `triggers` and `signals` over our defaults."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from types import MappingProxyType
from typing import Any, TypeVar

from handoff.names import Names
from handoff.signal_shape import SignalsShape, TriggerShape, TriggersShape
from handoff.signals import (
    SIGNALS,
    WORDED_SIGNALS,
    LowProbability,
    MoodTrend,
    OpenPromise,
    OrderAtRisk,
    SignalPolicy,
    Stake,
    Trigger,
)
from handoff.wording import Wording

T = TypeVar("T")


def _read_defaults() -> dict[str, Any]:
    return tomllib.loads(files("handoff").joinpath("defaults.toml").read_text(encoding="utf-8"))


# Read on import: a policy may be parsed inside the event loop, where no file is read.
_OURS = _read_defaults()
_OUR_TRIGGERS = {name: TriggerShape.model_validate(_OURS[name]) for name in WORDED_SIGNALS}
_OUR_TIMES = int(_OURS["nothing_found"]["times"])
_OUR_SIGNALS: dict[str, Any] = _OURS["signals"]


def signal_policy(triggers: TriggersShape, signals: SignalsShape) -> SignalPolicy:
    """The checked values; whatever the pack leaves out is ours."""
    low, mood = _merged("low_probability", signals), _merged("mood_trend", signals)
    order, promise = _merged("order_at_risk", signals), _merged("open_promise", signals)
    needless = _merged("needless", signals)
    return SignalPolicy(
        triggers=MappingProxyType({name: _trigger(name, triggers) for name in WORDED_SIGNALS}),
        nothing_found_times=triggers.nothing_found.times if triggers.nothing_found else _OUR_TIMES,
        low_probability=LowProbability(low["below"]),
        mood_trend=MoodTrend(mood["below"], mood["drop"]),
        order_at_risk=OrderAtRisk(Names.of(order["intents"]), frozenset(order["categories"])),
        open_promise=OpenPromise(Wording.of(promise["words"]), Names.of(promise["intents"])),
        vip_tags=frozenset(_merged("vip", signals)["tags"]),
        stakes=MappingProxyType({name: _stake(name, signals) for name in SIGNALS}),
        needless=float(needless["cost"]),
        when_closed=float(needless["when_closed"]),
    )


def _merged(name: str, signals: SignalsShape) -> dict[str, Any]:
    given = getattr(signals, name, None)
    return {**_OUR_SIGNALS[name], **(given.model_dump(exclude_none=True) if given is not None else {})}


def _stake(name: str, signals: SignalsShape) -> Stake:
    values = _merged(name, signals)
    return Stake(float(values["weight"]), float(values["cost"]))


def _trigger(name: str, shapes: TriggersShape) -> Trigger:
    given: TriggerShape = getattr(shapes, name)
    ours = _OUR_TRIGGERS[name]
    confidence = _or_default(given.min_confidence, ours.min_confidence)
    return Trigger(
        words=Wording.of(_or_default(given.words, ours.words) or ()),
        except_words=Wording.of(_or_default(given.except_words, ours.except_words) or ()),
        intents=frozenset(_or_default(given.intents, ours.intents) or ()),
        min_confidence=1.0 if confidence is None else confidence,
    )


def _or_default(given: T | None, ours: T | None) -> T | None:
    return ours if given is None else given

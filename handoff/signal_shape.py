"""What may stand under `triggers` and `signals` in handoff.yaml?"""

from __future__ import annotations

from pydantic import Field

from handoff.shape import NamePatterns, Shape, Share, Words


class TriggerShape(Shape):
    """A field left out (None) takes the default of that signal; an empty list switches it off."""

    words: Words | None = None
    except_words: Words | None = None
    intents: Words | None = None
    min_confidence: Share | None = None


class NothingFoundShape(Shape):
    """`nothing_found: {times: 2}`: on which failure in a row a person is called."""

    times: int = Field(ge=1)


class TriggersShape(Shape):
    """`triggers:`; each may be left out."""

    legal: TriggerShape = TriggerShape()
    complaint: TriggerShape = TriggerShape()
    never_for_the_bot: TriggerShape = TriggerShape()
    asked_for_person: TriggerShape = TriggerShape()
    nothing_found: NothingFoundShape | None = None


class StakeShape(Shape):
    """`{weight: 0.5, cost: 2}`; a field left out (None) takes our default. weight 0 switches the signal off."""

    weight: Share | None = None
    cost: float | None = Field(default=None, gt=0)


class CertainShape(Shape):
    """A failing engine always calls a person, so that nobody meets silence: only its cost may be set."""

    cost: float | None = Field(default=None, gt=0)


class LowProbabilityShape(StakeShape):
    """below: the best script and the best intent must be less probable than that."""

    below: Share | None = None


class MoodTrendShape(StakeShape):
    """below: sentiment from which down it counts. drop: how much lower than before."""

    below: float | None = Field(default=None, ge=-1, le=0)
    drop: float | None = Field(default=None, gt=0, le=2)


class OrderAtRiskShape(StakeShape):
    """intents (a trailing * for whatever follows), categories: what is about an order."""

    intents: NamePatterns | None = None
    categories: Words | None = None


class OpenPromiseShape(StakeShape):
    """words, intents: how a customer asks how far something is."""

    words: Words | None = None
    intents: NamePatterns | None = None


class VipShape(StakeShape):
    """tags: of customers who matter more."""

    tags: Words | None = None


class NeedlessShape(Shape):
    """What a hand-over costs that nobody needed, and its factor while nobody is at work."""

    cost: float | None = Field(default=None, gt=0)
    when_closed: float | None = Field(default=None, ge=1)


class SignalsShape(Shape):
    """`signals:`; each may be left out."""

    needless: NeedlessShape = NeedlessShape()
    legal: StakeShape = StakeShape()
    complaint: StakeShape = StakeShape()
    never_for_the_bot: StakeShape = StakeShape()
    asked_for_person: StakeShape = StakeShape()
    engine_failed: CertainShape = CertainShape()
    nothing_found: StakeShape = StakeShape()
    open_promise: OpenPromiseShape = OpenPromiseShape()
    order_at_risk: OrderAtRiskShape = OrderAtRiskShape()
    mood_trend: MoodTrendShape = MoodTrendShape()
    low_probability: LowProbabilityShape = LowProbabilityShape()
    vip: VipShape = VipShape()

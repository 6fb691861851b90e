"""What may stand in pack.yaml? Field by field, and what it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.content.shop import Slot
from bot.costs import Costs, Override, Tariff
from handoff import mistake

Channel = Literal["official_account", "wecom_kf"]
Cost = Annotated[float, Field(gt=0, le=1e6)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
# A fact is shown on a card beside its title (wechat-platform §4.3: keyname and value of a horizontal content).
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=16)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class HoursShape(_Shape):
    """`hours: {opens: "09:00", closes: "22:00"}`."""

    opens: time
    closes: time


class GreetingsShape(_Shape):
    """`greetings:`; what is left out is said in our own words."""

    follow: str = ""
    enter_session: str = ""


class CostsShape(_Shape):
    """`costs: {wrong_answer: …, ask_back: …, handover: …}`; what is left out is as otherwise."""

    wrong_answer: Cost | None = None
    ask_back: Cost | None = None
    handover: Cost | None = None

    def override(self) -> Override:
        """As the decision reads it."""
        return Override(wrong_answer=self.wrong_answer, ask_back=self.ask_back, handover=self.handover)


class DecisionShape(_Shape):
    """`decision:`: what mistakes cost, and where they cost something else."""

    costs: CostsShape = CostsShape()
    channels: dict[Channel, CostsShape] = Field(default_factory=dict)
    categories: dict[Name, CostsShape] = Field(default_factory=dict)
    choices: int = Field(default=3, ge=1, le=3)


class SlotShape(_Shape):
    """`order_number: {title: 订单号, entity: order_number, ask: …, intents: […], rules: […]}`."""

    title: Title
    entity: Name
    ask: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    intents: tuple[Name, ...] = ()
    rules: tuple[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)], ...] = ()

    @model_validator(mode="after")
    def _check_use(self) -> Self:
        if not self.intents and not self.rules:
            raise mistake("no_use")
        return self


class PrivacyShape(_Shape):
    """`privacy: {withdraw: [withdraw_consent]}`: intents of who takes back what she agreed to."""

    withdraw: tuple[Name, ...] = ()


class PackShape(_Shape):
    """pack.yaml."""

    name: str = Field(min_length=1)
    shop: str = Field(min_length=1)
    version: str = "1"
    language: str = "zh-CN"
    timezone: str = "Asia/Shanghai"
    description: str = ""
    hours: HoursShape = HoursShape(opens=time(0), closes=time(0))
    greetings: GreetingsShape = GreetingsShape()
    phrases: dict[str, str] = Field(default_factory=dict)
    decision: DecisionShape = DecisionShape()
    slots: dict[Name, SlotShape] = Field(default_factory=dict)
    privacy: PrivacyShape = PrivacyShape()


def tariff_of(shape: DecisionShape) -> Tariff:
    """The costs as the decision reads them."""
    return Tariff(
        costs=shape.costs.override().over(Costs()),
        channels={name: costs.override() for name, costs in shape.channels.items()},
        categories={name: costs.override() for name, costs in shape.categories.items()},
        choices=shape.choices,
    )


def slots_of(shapes: Mapping[str, SlotShape]) -> tuple[Slot, ...]:
    """The slots in the order in which they are asked for."""
    return tuple(
        Slot(
            name=name,
            title=shape.title,
            entity=shape.entity,
            ask=shape.ask,
            intents=frozenset(shape.intents),
            rules=frozenset(shape.rules),
        )
        for name, shape in shapes.items()
    )

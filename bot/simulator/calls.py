"""What does an endpoint get to work with? One verified call, as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.simulator.corp import AgentApp, Corp
from bot.simulator.official import OfficialAccount
from bot.simulator.realm import Realm
from bot.simulator.values import Fields, Json


@dataclass(frozen=True, slots=True)
class OfficialCall:
    """A call with an official account's token. fields: the JSON body, or the query of a GET. origin: our own URL."""

    realm: Realm
    account: OfficialAccount
    fields: Fields
    origin: str


@dataclass(frozen=True, slots=True)
class CorpCall:
    """A call with the token of a corp's app."""

    realm: Realm
    corp: Corp
    app: AgentApp
    fields: Fields
    origin: str


Method = Literal["GET", "POST"]


@dataclass(frozen=True, slots=True)
class OfficialEndpoint:
    """One path under {sim}/oa. It answers with the fields beside errcode and errmsg."""

    method: Method
    path: str
    answer: Callable[[OfficialCall], Json]


@dataclass(frozen=True, slots=True)
class CorpEndpoint:
    """One path under {sim}/wecom. scope: what the app's secret must be allowed (else 48002), "" for all."""

    method: Method
    path: str
    scope: str
    answer: Callable[[CorpCall], Json]

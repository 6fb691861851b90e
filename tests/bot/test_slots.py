"""Which facts are known, which are missing, and when is asking over?"""

from __future__ import annotations

from bot.content.shop import Slot
from bot.decide import Need
from bot.slots import ASK_TIMES, collect, need_of
from bot.store.views import Asked
from nlu import find_entities

ORDER = Slot("order_number", "订单号", "order_number", "订单号？", frozenset({"urge"}), frozenset())
PHONE = Slot("phone", "手机号", "phone", "手机号？", frozenset({"urge"}), frozenset({"售后"}))
SLOTS = (ORDER, PHONE)
NUMBER = "202611220001234567"


def need(
    values: dict[str, str], asked: Asked | None = None, intent: str = "urge", confidence: float = 0.9
) -> Need | None:
    return need_of(SLOTS, intent=intent, confidence=confidence, rule="其余", values=values, asked=asked)


def test_what_is_told_unasked_is_kept_and_what_is_told_anew_replaces_it() -> None:
    text = f"订单号{NUMBER}"
    known = collect(SLOTS, {"phone": "13800138000"}, find_entities(text), text)
    assert known == {"order_number": NUMBER, "phone": "13800138000"}
    text = "电话改成13900139000了"
    assert collect(SLOTS, known, find_entities(text), text)["phone"] == "13900139000"


def test_they_are_asked_for_one_after_the_other() -> None:
    assert need({}) == Need("order_number", "订单号？")
    assert need({"order_number": NUMBER}) == Need("phone", "手机号？")
    assert need({"order_number": NUMBER, "phone": "1"}) == Need("phone", "")


def test_asking_ends() -> None:
    asked = Asked("order_number", "催一下", ASK_TIMES - 1)
    assert need({}, asked) == Need("order_number", "订单号？")
    assert need({}, Asked("order_number", "催一下", ASK_TIMES)) == Need("order_number", "")
    assert need({"order_number": NUMBER}, Asked("order_number", "催一下", ASK_TIMES)) == Need("phone", "手机号？")


def test_nobody_is_asked_who_wants_something_else_or_perhaps_does() -> None:
    assert need({}, intent="greet") is None
    assert need({}, confidence=0.4) is None
    assert need_of(SLOTS, intent="", confidence=0, rule="售后", values={}, asked=None) == Need("phone", "手机号？")

"""Is a Rasa server's answer understood, and a server that is down spared?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu import OUT_OF_SCOPE, Circuit, Entity, RasaEngine, RasaUnavailable, Reading, read_answer
from nlu.rasa_engine import LONGEST, Why

# as a Rasa 3.6.21 server answered: DIET and a pattern found the same number, the selector chose a response
ANSWER: dict[str, Any] = {
    "text": "订单123456789012退款",
    "intent": {"name": "faq", "confidence": 0.9},
    "entities": [
        {
            "entity": "order_number",
            "start": 2,
            "end": 14,
            "confidence_entity": 0.99,
            "value": "123456789012",
            "role": "old",
            "group": "1",
            "extractor": "DIETClassifier",
        },
        {"entity": "order_number", "start": 2, "end": 14, "value": "123456789012", "extractor": "RegexEntityExtractor"},
        {"entity": "order_number", "start": 2, "end": 8, "value": "123456", "extractor": "DIETClassifier"},
        {"entity": "topic", "start": 14, "end": 16, "value": "退货退款", "extractor": "DIETClassifier"},
    ],
    "text_tokens": [[0, 2], [2, 14], [14, 16]],
    "intent_ranking": [{"name": "faq", "confidence": 0.9}, {"name": "greet", "confidence": 0.1}],
    "response_selector": {
        "all_retrieval_intents": ["faq"],
        "faq": {"response": {"intent_response_key": "faq/refund", "confidence": 0.8}, "ranking": []},
    },
}


class Server:
    """Answers with what it is told to, and remembers what it was asked."""

    def __init__(self, answer: Mapping[str, object] | Exception) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def parse(self, text: str) -> Mapping[str, object]:
        self.asked.append(text)
        await asyncio.sleep(0)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def engine(server: Server, clock: Clock | None = None) -> RasaEngine:
    return RasaEngine(server.parse, Circuit(clock or Clock(), failures=2, rest_s=5.0))


def test_an_answer_is_read_in_our_terms() -> None:
    assert read_answer(ANSWER, "订单123456789012退款") == Reading(
        (("faq/refund", 0.9), ("greet", 0.1)),
        (
            Entity("order_number", 2, 14, "123456789012", role="old", group="1"),
            Entity("topic", 14, 16, "退货退款"),
        ),
    )


def test_one_selector_for_all_retrieval_intents_is_read_too() -> None:
    selector = {"default": ANSWER["response_selector"]["faq"]}
    assert read_answer(ANSWER | {"response_selector": selector}, ANSWER["text"]).ranking[0] == ("faq/refund", 0.9)
    assert read_answer(ANSWER | {"response_selector": {}}, ANSWER["text"]).ranking[0] == ("faq", 0.9)


def test_no_intent_is_out_of_scope_with_what_the_best_intent_leaves() -> None:
    ranking = [
        {"name": "nlu_fallback", "confidence": 0.3},
        {"name": "a", "confidence": 0.28},
        {"name": "b", "confidence": 0.2},
    ]
    reading = read_answer({"intent": ranking[0], "intent_ranking": ranking}, "嗯")
    assert [name for name, _ in reading.ranking] == [OUT_OF_SCOPE, "a", "b"]
    assert reading.ranking[0][1] == pytest.approx(0.72)
    assert sum(share for _, share in reading.ranking) <= 1 + 1e-9


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=10).map(lambda shares: sorted(shares, reverse=True)), st.booleans()
)
def test_a_ranking_is_a_distribution_with_the_best_first(shares: list[float], is_refused: bool) -> None:  # noqa: FBT001
    ranking: list[dict[str, object]] = [{"name": str(place), "confidence": each} for place, each in enumerate(shares)]
    if is_refused:
        ranking.insert(0, {"name": "nlu_fallback", "confidence": 0.3})
    found = read_answer({"intent_ranking": ranking}, "好").ranking
    assert sum(share for _, share in found) <= 1 + 1e-6
    assert all(share >= 0 for _, share in found)
    if is_refused:
        assert found[0][0] == OUT_OF_SCOPE
    assert found[0][1] == max(share for _, share in found)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"intent": None},
        {"intent": {"name": None, "confidence": 0.0}, "intent_ranking": []},
        {"intent_ranking": "x"},
        {"intent_ranking": [{"name": "a", "confidence": "nan"}]},
        {"intent_ranking": [{"name": "a", "confidence": 7}]},
        {"intent_ranking": [{"name": "a", "confidence": 1}], "entities": {}},
        {"intent_ranking": [{"name": "a", "confidence": 1}], "entities": [3]},
        {
            "intent_ranking": [{"name": "a", "confidence": 1}],
            "entities": [{"entity": "x", "start": 0, "end": 9, "value": ""}],
        },
    ],
)
def test_an_answer_of_another_shape_is_no_answer(answer: dict[str, object]) -> None:
    with pytest.raises(RasaUnavailable, match="unreadable"):
        read_answer(answer, "你好")


async def test_spans_count_in_the_text_as_given() -> None:
    """Rasa strips what it is asked; the spaces before it still count."""
    answer = {
        "intent_ranking": [{"name": "a", "confidence": 1.0}],
        "entities": [{"entity": "city", "start": 0, "end": 2, "value": "上海"}],
    }
    server = Server(answer)
    reading = await engine(server).read(" \n上海呢 ")
    assert server.asked == ["上海呢"]
    assert reading.entities == (Entity("city", 2, 4, "上海"),)


@pytest.mark.parametrize(("text", "asked"), [("/ask_human", "／ask_human"), ("x" * 10_000, "x" * LONGEST)])
async def test_no_text_commands_or_burdens_the_server(text: str, asked: str) -> None:
    server = Server({"intent_ranking": [{"name": "a", "confidence": 1.0}]})
    await engine(server).read(text)
    assert server.asked == [asked]


async def test_nothing_is_out_of_scope_unasked() -> None:
    server = Server({})
    assert await engine(server).read(" \n ") == Reading(((OUT_OF_SCOPE, 1.0),))
    assert server.asked == []


async def reason(asked: RasaEngine) -> str:
    with pytest.raises(RasaUnavailable) as caught:
        await asked.read("你好")
    return caught.value.reason


@pytest.mark.parametrize("why", ["time_out", "no_connection", "refused"])
async def test_a_server_that_is_down_is_asked_again_only_after_a_rest(why: Why) -> None:
    server, clock = Server(RasaUnavailable(why)), Clock()
    asked = engine(server, clock)
    assert [await reason(asked) for _ in range(4)] == [why, why, "circuit_open", "circuit_open"]
    assert len(server.asked) == 2
    clock.now = 5.0
    assert await reason(asked) == why
    assert await reason(asked) == "circuit_open"
    clock.now = 10.0
    server.answer = {"intent_ranking": [{"name": "a", "confidence": 1.0}]}
    for _ in range(3):
        assert (await asked.read("你好")).ranking == (("a", 1.0),)


async def test_after_the_rest_one_asks_and_the_others_wait_for_its_outcome() -> None:
    server, clock = Server(RasaUnavailable("time_out")), Clock()
    asked = engine(server, clock)
    for _ in range(2):
        await reason(asked)
    clock.now = 5.0
    outcomes = await asyncio.gather(*(reason(asked) for _ in range(10)))
    assert sorted(outcomes) == ["circuit_open"] * 9 + ["time_out"]
    assert len(server.asked) == 3


async def test_a_single_failure_opens_nothing() -> None:
    server = Server(RasaUnavailable("time_out"))
    asked = engine(server)
    for _ in range(3):
        server.answer = RasaUnavailable("time_out")
        assert await reason(asked) == "time_out"
        server.answer = {"intent_ranking": [{"name": "a", "confidence": 1.0}]}
        await asked.read("你好")
    assert len(server.asked) == 6


async def test_unreadable_answers_count_as_failures() -> None:
    asked = engine(Server({"intent": 3}))
    assert [await reason(asked) for _ in range(3)] == ["unreadable", "unreadable", "circuit_open"]

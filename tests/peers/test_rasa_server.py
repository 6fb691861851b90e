"""Does a real Rasa 3.6 server give what its documentation and our engine say, and is its death counted?"""

from __future__ import annotations

import time

import aiohttp
import pytest
from blockbuster import BlockBuster
from prometheus_client import REGISTRY

from benchmarks.nlu import ask
from benchmarks.rasa import RasaServer, rasa_server
from bot.rasa_client import RasaClient, rasa_engine
from nlu import OUT_OF_SCOPE, Engine, RasaUnavailable

pytestmark = pytest.mark.timeout(300)  # it imports TensorFlow before it answers
PATIENT_S = 30.0


@pytest.fixture
def engine(rasa: RasaServer, session: aiohttp.ClientSession) -> Engine:
    return rasa_engine(session, rasa.url, PATIENT_S, time.monotonic)


async def test_the_answer_has_the_shape_we_read(rasa: RasaServer, session: aiohttp.ClientSession) -> None:
    answer = await RasaClient(session, rasa.url, PATIENT_S).parse("帮我转人工客服")
    assert {"text", "intent", "entities", "text_tokens", "intent_ranking"} <= answer.keys()
    assert answer["text"] == "帮我转人工客服"
    ranking = answer["intent_ranking"]
    assert isinstance(ranking, list)
    assert {"name", "confidence"} <= ranking[0].keys()


async def test_it_says_what_it_is(rasa: RasaServer, session: aiohttp.ClientSession) -> None:
    status = await RasaClient(session, rasa.url, PATIENT_S).status()
    assert status.version == "3.6.21"
    assert status.model.endswith("xiaoer.tar.gz")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("帮我转人工客服", "ask_human"),
        ("你好呀，在吗", "greet"),
        ("我要投诉你们", "complain"),
        ("这款精华敏感肌能用吗", "faq"),
    ],
)
async def test_what_customers_write_is_read(engine: Engine, text: str, intent: str) -> None:
    reading = await engine.read(text)
    assert reading.ranking[0][0] == intent
    assert 0.3 <= reading.ranking[0][1] <= 1.0
    assert sum(share for _, share in reading.ranking) == pytest.approx(1.0, abs=0.05)


async def test_an_order_number_is_found_once_and_where_it_stands(engine: Engine) -> None:
    text = "  改地址的订单是 XD20260527 麻烦了"
    (entity,) = (await engine.read(text)).entities
    assert (entity.type, entity.value) == ("order_number", "XD20260527")
    assert text[entity.start : entity.end] == "XD20260527"


@pytest.mark.parametrize(
    "text", ["", " \n", "/ask_human", "/restart{", "😀😀", "x" * 10_000, "退" * 10_000, "\0\x1b", "a\n\nb"]
)
async def test_no_text_breaks_or_commands_it(engine: Engine, text: str) -> None:
    reading = await engine.read(text)
    assert reading.ranking
    assert reading.ranking[0] != ("ask_human", 1.0)


async def test_nothing_written_is_no_intent(engine: Engine) -> None:
    assert (await engine.read("")).ranking == ((OUT_OF_SCOPE, 1.0),)


def test_the_load_of_the_bench_is_answered(rasa: RasaServer) -> None:
    outcome = ask([rasa.port], ["你好", "什么时候发货"] * 4, callers=4)
    assert outcome.refused == 0
    assert len(outcome.latencies_ms) == len(outcome.acknowledged) == 8


async def test_a_server_without_a_model_and_its_death_are_counted(
    rasa_is_here: None, session: aiohttp.ClientSession, never_block_the_loop: BlockBuster
) -> None:
    def fallbacks(reason: str) -> float:
        return REGISTRY.get_sample_value("xiaoer_nlu_fallbacks_total", {"reason": reason}) or 0.0

    never_block_the_loop.deactivate()
    with rasa_server(model=None) as server:
        never_block_the_loop.activate()
        assert (await RasaClient(session, server.url, PATIENT_S).status()).model == ""
        engine = rasa_engine(session, server.url, PATIENT_S, lambda: 0.0)
        before = {reason: fallbacks(reason) for reason in ("refused", "no_connection", "circuit_open")}
        with pytest.raises(RasaUnavailable, match="refused"):
            await engine.read("你好")
        never_block_the_loop.deactivate()
        server.kill()
        never_block_the_loop.activate()
        for reason in ("no_connection", "no_connection", "circuit_open"):
            with pytest.raises(RasaUnavailable, match=reason):
                await engine.read("你好")
        found = {reason: fallbacks(reason) - before[reason] for reason in before}
        never_block_the_loop.deactivate()
    never_block_the_loop.activate()
    assert found == {"refused": 1, "no_connection": 2, "circuit_open": 1}

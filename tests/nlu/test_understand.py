"""Is one utterance understood as a whole, alone and in its conversation?"""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest

from nlu import (
    OUT_OF_SCOPE,
    AsyncEncoder,
    Context,
    IntentModel,
    RememberingEncoder,
    TrainingData,
    Understander,
    train,
)


@pytest.fixture
async def understander(encoder: RememberingEncoder, model: IntentModel) -> AsyncIterator[Understander]:
    shared = AsyncEncoder(encoder)
    yield Understander(shared, model)
    await shared.aclose()


async def test_intent_entities_mood_and_vector_together(
    understander: Understander, encoder: RememberingEncoder
) -> None:
    text = "太失望了！！我要退货退款，马上退钱，订单20261121000123"
    found = await understander.understand(text, Context())
    assert found.intent == "ask_refund"
    assert found.ranking[0] == (found.intent, found.confidence)
    assert [(entity.type, entity.value) for entity in found.entities] == [("order_number", "20261121000123")]
    assert found.mood.sentiment < -0.5
    assert found.mood.urgency > 0.5
    assert np.array_equal(found.vector, encoder.encode([text])[0])


@pytest.mark.parametrize("text", ["", "  ", "！！？", "😀"])
async def test_nothing_written_is_no_intent(understander: Understander, text: str) -> None:
    found = await understander.understand(text, Context())
    assert (found.intent, found.confidence) == (OUT_OF_SCOPE, 1.0)
    assert not found.vector.any()


async def test_a_follow_up_is_read_with_what_came_before(understander: Understander) -> None:
    alone = await understander.understand("那明天呢", Context())
    after = await understander.understand("那明天呢", Context(recent=("今天能发货吗",)))
    assert dict(after.ranking)["ask_shipping"] > dict(alone.ranking)["ask_shipping"] + 0.1
    assert sum(probability for _, probability in after.ranking) == pytest.approx(1)


async def test_a_whole_sentence_stands_for_itself(understander: Understander) -> None:
    alone = await understander.understand("我要找人工客服来处理", Context())
    after = await understander.understand("我要找人工客服来处理", Context(recent=("今天能发货吗",)))
    assert after.ranking == alone.ranking


async def test_a_new_model_takes_over(
    understander: Understander, data: TrainingData, encoder: RememberingEncoder
) -> None:
    understander.replace_model(train(data, encoder, negatives=[]))
    found = await understander.understand("转人工", Context())
    assert OUT_OF_SCOPE not in dict(found.ranking)

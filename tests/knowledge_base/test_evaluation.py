"""Does measuring follow the protocol, and does the search beat spelling alone on real trades?"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from knowledge_base import ImportFailed, evaluate
from nlu import RememberingEncoder, general_negatives

DATA = Path(os.environ.get("XIAOER_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
SPELLING_ALONE = 0.711  # character TF-IDF on the same files
SUM_OF_BOTH = 0.718  # sum of the z-scores of spelling and meaning


def base(folder: Path, name: str, *items: tuple[str, list[str]]) -> Path:
    file = folder / name
    plain = [
        {"post": post, "replies": [{"rtype": "plain", "content": "答"}], "similarQuestions": similar}
        for post, similar in items
    ]
    file.write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")
    return file


def test_identical_posts_are_one_script_and_every_similar_question_asks(
    tmp_path: Path, encoder: RememberingEncoder
) -> None:
    one = base(tmp_path, "one.json", ("怎么退款", ["怎么退款呢", "怎么退款呢"]), ("什么时候发货", []))
    two = base(tmp_path, "two.json", ("怎么退款", ["我要退款"]), ("包邮吗", ["什么时候发货"]))
    scores = evaluate([one, two], encode=encoder.encode, encoder=encoder.fingerprint)
    assert scores.n == 4
    assert scores.recall_at_1 == 0.75  # the last one asks for another script's own post
    assert scores.recall_at_3 == 1
    assert 0.75 < scores.mrr < 1


def test_queries_may_come_from_a_file(tmp_path: Path, encoder: RememberingEncoder) -> None:
    files = [base(tmp_path, "one.json", ("怎么退款", []), ("什么时候发货", []))]
    queries = tmp_path / "queries.jsonl"
    queries.write_text(
        '{"query": "怎么退款啊", "post": "怎么退款"}\n\n{"query": "退款", "post": "没有这条"}\n', encoding="utf-8"
    )
    assert evaluate(files, queries, encode=encoder.encode, encoder="x").recall_at_10 == 0.5
    queries.write_text('{"query": 1}\nnope\n', encoding="utf-8")
    with pytest.raises(ImportFailed) as caught:
        evaluate(files, queries, encode=encoder.encode, encoder="x")
    assert [problem.row for problem in caught.value.problems] == [1, 2]
    with pytest.raises(ImportFailed, match="nothing to ask"):
        evaluate(files, encode=encoder.encode, encoder="x")


@pytest.mark.local_data
def test_five_trades(encoder: RememberingEncoder) -> None:
    files = sorted((DATA / "faq" / "chatopera").glob("*.json"))
    if not files:
        pytest.skip("no ../shared/data/faq here; name the data folder in XIAOER_DATA")
    scores = evaluate(files, encode=encoder.encode, encoder=encoder.fingerprint, negatives=general_negatives()[::4])
    assert scores.n == 298
    assert scores.recall_at_1 > 0.78 > SUM_OF_BOTH > SPELLING_ALONE
    assert scores.recall_at_10 > 0.94
    assert scores.ms_per_query < 20

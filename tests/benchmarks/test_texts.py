"""Are the customers of the benchmark realistic and all different?"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.texts import buyers_sessions, buyers_texts, mixed, shop_texts
from bot.channels.text import for_understanding


def test_the_shop_has_its_scenario_and_its_questions() -> None:
    texts = shop_texts()
    assert "转人工" in texts
    assert "客服几点上班" in texts


def test_only_what_customers_wrote_is_taken(tmp_path: Path) -> None:
    (tmp_path / "dialogues").mkdir()
    rows = ["s1\tu1\t0\t0\t0\tnan\t什么时候发货", "s1\tu1\t1\t0\t0\tnan\t您好", "broken"]
    (tmp_path / "dialogues" / "jddc_sessions.tsv").write_text("\n".join(rows), encoding="utf-8")
    assert buyers_texts(tmp_path) == ["什么时候发货"]
    assert buyers_texts(tmp_path / "absent") == []


def test_what_one_customer_wrote_stays_together(tmp_path: Path) -> None:
    (tmp_path / "dialogues").mkdir()
    rows = [
        f"{session}\tu\t0\t0\t0\tnan\t{text}" for session, text in (("s1", "在吗"), ("s2", "你好"), ("s1", "有货吗"))
    ]
    (tmp_path / "dialogues" / "jddc_sessions.tsv").write_text("\n".join(rows), encoding="utf-8")
    assert buyers_sessions(tmp_path) == [["在吗", "有货吗"], ["你好"]]


def test_half_of_the_mix_is_real_and_no_cache_knows_a_text_twice() -> None:
    theirs = [f"真实的问题{number}" for number in range(50)] + ["Ａ款有货吗", "A款有货吗"]
    texts = mixed(60, ours=shop_texts(), theirs=theirs)
    assert len({for_understanding(text) for text in texts}) == 60
    assert len(set(texts) & set(theirs)) == 30


def test_too_few_texts_are_an_error() -> None:
    with pytest.raises(ValueError, match="only 2 distinct"):
        mixed(5, ours=["多久发货", "有赠品吗"], theirs=[])

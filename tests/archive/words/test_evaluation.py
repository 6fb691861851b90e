"""Are keywords scored as the published figures are?"""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.words import Keywords, LabelledFileWrong, LabelledText, evaluate_keywords, keyword_peers, read_labelled
from archive.words.evaluation import Scores
from tests.local_data import local_data


def test_scores_are_means_over_texts() -> None:
    texts = [
        LabelledText("一", frozenset(["a", "b"])),
        LabelledText("二", frozenset(["c"])),
        LabelledText("三", frozenset("d")),
    ]
    answers = {"一": ["a", "x", "y", "z"], "二": ["c"], "三": []}
    precision, recall = (0.25 + 1 + 0) / 3, (0.5 + 1 + 0) / 3
    f1 = 2 * precision * recall / (precision + recall)
    assert evaluate_keywords(answers.__getitem__, texts) == Scores(
        round(precision, 4), round(recall, 4), round(f1, 4), 3
    )
    assert evaluate_keywords(lambda _: [], texts) == Scores(0, 0, 0, 3)


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "labelled.tsv"
    file.write_text("to keywords\t退货运费谁出\t退货运费_运费\r\n\nto keywords\t发票\t发票\n", encoding="utf-8-sig")
    assert read_labelled(file) == [
        LabelledText("退货运费谁出", frozenset(["退货运费", "运费"])),
        LabelledText("发票", frozenset(["发票"])),
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"a\tb\n", ":1: write"),
        (b"a\tb\tc\na\tb\t_\n", ":2: write"),
        (b"\n", "holds no text"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, content: bytes, why: str) -> None:
    file = tmp_path / "labelled.tsv"
    file.write_bytes(content)
    with pytest.raises(LabelledFileWrong, match=why):
        read_labelled(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelledFileWrong, match=r"nowhere\.tsv"):
        read_labelled(tmp_path / "nowhere.tsv")


@pytest.mark.local_data
def test_authors_keywords_are_found_better_than_by_jieba() -> None:
    """Every twentieth abstract; the figures over all are in docs/words.md."""
    texts = read_labelled(local_data("keywords/csl_dev.tsv"))[::20]
    ours = Keywords()
    f1 = evaluate_keywords(lambda text: [each.text for each in ours.of(text)], texts).f1
    theirs = {name: evaluate_keywords(find, texts).f1 for name, find in keyword_peers().items()}
    assert f1 > 0.22
    assert f1 > 1.4 * max(theirs.values())

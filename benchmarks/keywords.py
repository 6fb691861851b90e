"""How well are keywords found beside jieba's two ways, and how many messages a second?

Quality: the abstracts of CSL (CLUE) with their authors' keywords, five a text, exact matches. Our weights were set by
hand by one half of them; the other half is reported by itself. Speed: short messages of real customers, in one process,
by its own processor time, jieba's lists read before.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence

from archive.words import Keywords, LabelledText, evaluate_keywords, keyword_peers, read_labelled
from benchmarks.children import BenchImpossible
from benchmarks.result import FIGURE, Result, alone, beside, show
from benchmarks.texts import buyers_texts, data_folder, shop_texts

ABSTRACTS = "keywords/csl_dev.tsv"
HALVES_SEED = 5  # of the shuffle before the weights were set
LONGEST = 30  # characters of a short message
MESSAGES = 4_000
MESSAGES_PER_S = 2_000  # on one core


def main(*, messages: int = MESSAGES, abstracts: int | None = None) -> list[Result]:
    """Speed anywhere; quality where the abstracts are at hand. Raises BenchImpossible where they are not."""
    ours = Keywords()
    results = _speed(ours, messages)
    path = data_folder() / ABSTRACTS
    if not path.exists():
        raise BenchImpossible(f"no {ABSTRACTS} here; name the data folder in XIAOER_DATA")
    texts = read_labelled(path)[:abstracts]
    aside = kept_aside(texts)

    def find(text: str) -> list[str]:
        return [each.text for each in ours.of(text)]

    for name, part in ((f"all {len(texts)} abstracts", texts), (f"the {len(aside)} kept aside", aside)):
        results += _quality(name, find, part)
    return results


def kept_aside(texts: Sequence[LabelledText]) -> list[LabelledText]:
    """The half by which no weight was set."""
    shuffled = list(texts)
    random.Random(HALVES_SEED).shuffle(shuffled)
    return shuffled[len(shuffled) // 2 :]


def _quality(name: str, find: Callable[[str], Sequence[str]], texts: Sequence[LabelledText]) -> list[Result]:
    scores = evaluate_keywords(find, texts)
    theirs = {peer: evaluate_keywords(ask, texts) for peer, ask in keyword_peers().items()}
    return [
        alone(f"{name}: precision", scores.precision, "share"),
        alone(f"{name}: recall", scores.recall, "share"),
        *(beside(f"{name}: F1", scores.f1, "share", peer=peer, peer_value=each.f1) for peer, each in theirs.items()),
    ]


def _speed(ours: Keywords, count: int) -> list[Result]:
    texts = [text for text in buyers_texts(data_folder()) if 1 < len(text) <= LONGEST]
    kind = "real customers' messages"
    if not texts:
        texts, kind = [text for text in shop_texts() if len(text) <= LONGEST], "the example shop's questions"
        print("keywords: no messages of others here (XIAOER_DATA), the example shop's alone", file=sys.stderr)
    asked = (texts * (count // len(texts) + 1))[:count]
    ours.of(asked[0])  # reads jieba's lists
    begun = time.process_time()
    for text in asked:
        ours.of(text)
    rate = count / (time.process_time() - begun)
    length = sum(map(len, asked)) / count
    name = f"{kind}, {length:.0f} characters: messages a second on one core"
    return [beside(name, rate, "1/s", peer=FIGURE, peer_value=MESSAGES_PER_S)]


if __name__ == "__main__":
    show("keywords", main())

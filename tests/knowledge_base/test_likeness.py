"""Are alike questions found among many, by characters and by meaning, without comparing all?"""

from __future__ import annotations

import random

import numpy as np

from knowledge_base.likeness import alike


def pairs_of(texts: list[str], least: float) -> set[tuple[str, str]]:
    found = alike(texts)
    return {
        (texts[one], texts[other])
        for one, other, likeness in zip(found.left, found.right, found.likeness, strict=True)
        if likeness >= least
    }


def test_an_alike_pair_is_found_among_thousands() -> None:
    draw = random.Random(5)
    texts = ["".join(chr(draw.randrange(0x4E00, 0x5E00)) for _ in range(8)) for _ in range(3000)]
    texts += ["口红掉色怎么办", "口红掉色了怎么办"]
    assert pairs_of(texts, 0.7) == {("口红掉色怎么办", "口红掉色了怎么办")}


def test_few_or_empty_texts_have_no_pairs() -> None:
    assert len(alike([]).left) == len(alike(["一"]).left) == 0
    assert pairs_of(["？？", "！", "问"], 0.1) == set()


def test_meaning_counts_as_much_as_characters() -> None:
    texts = ["何时寄出", "什么时候发货", "口红色号", "门店地址"]
    meanings = np.array([[1, 0, 0], [1, 0.01, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    found = alike(texts, meanings)
    best = int(np.argmax(found.likeness))
    assert (found.left[best], found.right[best]) == (0, 1)
    assert 0.4 < found.likeness[best] < 0.6  # no character in common, the same meaning

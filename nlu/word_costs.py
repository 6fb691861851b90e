"""How surprising is a word in Chinese, and in a shop? In tenths of nats, so that they add up along a text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

UNKNOWN = 170  # a single character that no list holds
LONGEST = 5
_RARE = 30  # occurrences; rarer words of several characters are names and old words
_LONGEST_COMMON = 4


@cache
def common_costs() -> Mapping[str, int]:
    """Words of jieba's dictionary, one to four characters: some 65,000, about 8 MB, read once in 0.3 s."""
    import jieba  # noqa: PLC0415 - only its word list, and only where typing mistakes are corrected

    counts: dict[str, int] = {}
    with jieba.dt.get_dict_file() as file:
        for line in file:
            word, count, *_ = line.decode("utf-8").split(" ")
            if len(word) <= _LONGEST_COMMON and (int(count) >= _RARE or len(word) == 1):
                counts[word] = int(count)
    total = sum(counts.values())
    return {word: _cost((count or 1) / total) for word, count in counts.items()}


def shop_costs(words: Iterable[str], texts: Iterable[str]) -> dict[str, int]:
    """Costs of given words and of what the texts are made of, single characters too."""
    given = {word: 1 for word in words if is_chinese(word) and 1 < len(word) <= LONGEST}
    counts = Counter(given)
    costs = {**common_costs(), **dict.fromkeys(given, _cost(1 / 2_000))}
    for text in texts:
        counts.update(token for token in segment(text, costs) if is_chinese(token))
    total = sum(counts.values())
    return {word: _cost(count / total / 2) for word, count in counts.items()}


def segment(text: str, costs: Mapping[str, int]) -> list[str]:
    """Cut where the words together surprise least."""
    best = [0] * (len(text) + 1)
    back = [0] * (len(text) + 1)
    for end in range(1, len(text) + 1):
        least, place = best[end - 1] + costs.get(text[end - 1], UNKNOWN), end - 1
        for start in range(max(0, end - LONGEST), end - 1):
            cost = costs.get(text[start:end])
            if cost is not None and best[start] + cost < least:
                least, place = best[start] + cost, start
        best[end], back[end] = least, place
    tokens, end = [], len(text)
    while end:
        tokens.append(text[back[end] : end])
        end = back[end]
    return tokens[::-1]


def is_chinese(word: str) -> bool:
    """Whether the word is made of Chinese characters only."""
    return all("一" <= char <= "鿿" for char in word)


def _cost(probability: float) -> int:
    return round(-10 * math.log(probability))

"""What did the customer mean to type? Characters that sound alike, put right where only that makes sense."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, product

from nlu.lexicon import lines
from nlu.pinyin import blurred, readings
from nlu.text import simplified
from nlu.word_costs import LONGEST, UNKNOWN, common_costs, segment, shop_costs

REACH = 200  # characters; typing mistakes in the rest of a long text do not change what it asks
# What a change costs, in tenths of nats: a character read the same, or nearly the same; a short word of function
# characters on top. Chosen on the example pack: it changes below half a percent of its texts.
_SAME, _NEAR, _WEAK = 62, 82, 22
_LONG_WORD = 4  # from here on two characters may be wrong
# short words with these are chance neighbours more often than what was meant (退的 → 退得)
_FUNCTION = frozenset("的了吗呢吧嘛啊呀么不没是有能会要还就都也很多几个我你他这那哪可以和在去到给一用得着过点下")

Sound = tuple[str, ...]  # a syllable a character


@dataclass(frozen=True, slots=True)
class _Change:
    """Write `word` from `start` on. gain: how much less the text then surprises."""

    gain: int
    start: int
    word: str


class Speller:
    """Corrects towards a shop's vocabulary; built once, some 15 MB with the common words, safe to share."""

    def __init__(self, costs: Mapping[str, int]) -> None:
        self._costs = {**common_costs(), **costs}
        self._sound = {char: tuple(dict.fromkeys(map(blurred, known))) for char, known in readings().items()}
        by_sound: defaultdict[Sound, list[str]] = defaultdict(list)
        for word in costs:
            if len(word) > 1:
                for sound in product(*(self._sound.get(char, ()) for char in word)):
                    by_sound[sound].append(word)
        self._by_sound = {sound: tuple(words) for sound, words in by_sound.items()}
        self._pairs = {sound[:2] for sound in by_sound}

    @classmethod
    def of(cls, words: Iterable[str]) -> Speller:
        """Build from what the shop writes: questions, examples of intents, products; of any length."""
        texts = [simplified(word) for word in words]
        general = [word for line in lines("service_words.txt") for word in line.split()]
        return cls(shop_costs([*general, *texts], [*general, *texts]))

    def correct(self, text: str) -> str:
        """Give the text with what was mistyped replaced, same length; the text itself where nothing was.

        Known words are never touched: only where the best cut leaves single characters, these together with their
        neighbours may be a word of the shop that sounds the same. Only the first `REACH` characters are read.
        """
        tokens = segment(text[:REACH], self._costs)
        changes = sorted(self._changes(tokens), key=lambda change: (-change.gain, change.start, change.word))
        characters = list(text)
        touched: set[int] = set()
        for change in changes:
            span = range(change.start, change.start + len(change.word))
            if touched.isdisjoint(span):
                touched.update(span)
                characters[span.start : span.stop] = change.word
        return "".join(characters)

    def _changes(self, tokens: list[str]) -> Iterator[_Change]:
        starts = [0, *accumulate(map(len, tokens))]
        costs = [self._costs.get(token, UNKNOWN) for token in tokens]
        sounds = [self._sound.get(char, ()) for token in tokens for char in token]
        for first, start in enumerate(starts[:-1]):
            if self._pairs.isdisjoint(product(*sounds[start : start + 2])):
                continue  # no word of the shop begins like that
            for last in range(first + 2, len(tokens) + 1):
                if starts[last] - start > LONGEST:
                    break
                if min(map(len, tokens[first:last])) == 1:
                    piece = "".join(tokens[first:last])
                    written = sum(costs[first:last])
                    for word, cost in self._alike(piece, product(*sounds[start : starts[last]])):
                        if cost < written:
                            yield _Change(written - cost, start, word)

    def _alike(self, piece: str, sounds: Iterable[Sound]) -> Iterator[tuple[str, int]]:
        """Words of the shop that sound like the piece, with their cost and that of changing it into them."""
        for word in (word for sound in sounds for word in self._by_sound.get(sound, ())):
            changed = [(one, other) for one, other in zip(piece, word, strict=True) if one != other]
            if len(changed) <= (2 if len(word) >= _LONG_WORD else 1):
                heard = sum(_SAME if _alike_exactly(*pair) else _NEAR for pair in changed)
                yield word, self._costs[word] + heard + (_WEAK if _is_weak(word) else 0)


def _is_weak(word: str) -> bool:
    return len(word) == 2 and not _FUNCTION.isdisjoint(word)  # noqa: PLR2004 - longer words are context enough


def _alike_exactly(one: str, other: str) -> bool:
    return not set(readings()[one]).isdisjoint(readings()[other])

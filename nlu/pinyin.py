"""How is a Chinese character read, tones and the confusions of typing left out?"""

from __future__ import annotations

from collections import defaultdict
from functools import cache

from nlu.lexicon import lines

# what speakers mix up when they type by ear; applied to both sides, so either direction is found
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("h", "f"))
_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"), ("iang", "ian"), ("uang", "uan"))


@cache
def readings() -> dict[str, tuple[str, ...]]:
    """The toneless syllables of each character of GB 2312, at most three: 6,763 characters, about 1 MB."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in lines("pinyin.txt"):
        syllable, characters = line.split("\t")
        for character in characters:
            found[character].append(syllable)
    return {character: tuple(syllables) for character, syllables in found.items()}


@cache
def blurred(syllable: str) -> str:
    """The syllable with what is commonly confused made equal: zh/z, ch/c, sh/s, n/l, f/h, -ng/-n."""
    initial = next((short for long, short in _INITIALS if syllable.startswith(long)), "")
    if initial:
        long = next(long for long, _ in _INITIALS if syllable.startswith(long))
        syllable = initial + syllable[len(long) :]
    ending = next((pair for pair in _FINALS if syllable.endswith(pair[0])), None)
    return syllable.removesuffix(ending[0]) + ending[1] if ending else syllable

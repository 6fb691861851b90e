"""How does a character sound? Typing by pinyin swaps characters of one sound, so these count as alike."""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Symbols = NDArray[np.uint32]

_PLANE = 0x10000  # the characters of daily use; rarer ones keep themselves
_SYLLABLES = 0x110000  # numbers above Unicode's, so that a syllable is never taken for a character
# what southern speakers and their phones mix up: zhi/zi, chi/ci, shi/si, -ang/-an, -eng/-en, -ing/-in
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


def sounded(characters: Symbols) -> Symbols:
    """The code points with each Chinese character replaced by the number of its syllable, tone left out."""
    table = _table()
    if not len(characters) or characters.max() < _PLANE:
        return np.asarray(table[characters])
    return np.asarray(
        np.where(characters < _PLANE, table[np.minimum(characters, _PLANE - 1)], characters), dtype=np.uint32
    )


@cache
def _table() -> Symbols:
    """Symbol by code point, from pypinyin's first readings.

    Its file is read alone: the package itself would load 30 MB of phrases.
    """
    table = np.arange(_PLANE, dtype=np.uint32)
    spec = find_spec("pypinyin")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("pypinyin is not installed; reinstall xiaoer with its dependencies")
    file = Path(next(iter(spec.submodule_search_locations))) / "pinyin_dict.json"
    numbers: dict[str, int] = {}
    for code, readings in json.loads(file.read_bytes()).items():
        if int(code) < _PLANE:
            syllable = _folded(readings.partition(",")[0])
            table[int(code)] = _SYLLABLES + numbers.setdefault(syllable, len(numbers))
    return table


def _folded(reading: str) -> str:
    """`zhōng` → `zong`: no tone, no difference that many do not hear."""
    plain = "".join(letter for letter in unicodedata.normalize("NFD", reading) if letter.isascii())
    for long, short in _INITIALS:
        plain = short + plain.removeprefix(long) if plain.startswith(long) else plain
    for long, short in _FINALS:
        plain = plain.removesuffix(long) + short if plain.endswith(long) else plain
    return plain

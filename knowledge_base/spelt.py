"""In which ways is a Chinese name typed? As it is written, by its sound, and by the first letters of that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from itertools import chain

from knowledge_base.text import normalise


@dataclass(frozen=True, slots=True)
class Spelt:
    """One name, in small letters, without spaces and punctuation: "退货", "tuihuo", "th"."""

    text: str
    sound: str
    initials: str


def spelt(name: str) -> Spelt:
    """The name in all three ways, each character read as the phrase it stands in has it; some 50 µs."""
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 - 30 MB, for those alone who search by typing

    plain = normalise(name)
    sound = lazy_pinyin(plain, style=Style.NORMAL)
    initials = "".join(each[:1] for each in chain.from_iterable(_syllables(one) for one in sound))
    return Spelt(plain, "".join(sound), initials)


def wanted(typed: str) -> str:
    """What was typed as it is looked for in names; "" for nothing, which any name holds."""
    return normalise(typed)


def findable(*names: str) -> str:
    """All ways of several names, a line each: where `wanted` stands in it, one of them is meant."""
    return "\n".join(dict.fromkeys(way for name in names for way in astuple(spelt(name))))


def _syllables(sound: str) -> Iterable[str]:
    """What is no Chinese comes as it stands: each of its characters counts by itself."""
    return (sound,) if sound.isalpha() and sound.isascii() else tuple(sound)

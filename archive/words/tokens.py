"""Which tokens is a text made of, and where does a phrase end?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive.words.catalogue import catalogue
from archive.words.chinese import UNKNOWN_TAG, chinese
from archive.words.goods import Goods

GOODS_TAG, LATIN_TAG, NUMBER_TAG, MARK_TAG = "goods", "eng", "m", "x"
ID_DIGITS = 6  # a run with so many digits names an order, a parcel or a telephone, not a thing
# function words by ICTCLAS letter, as jieba's dictionary tags them: particles, adverbs, conjunctions, pronouns, …
FUNCTION_TAGS = frozenset(
    ["uj", "ul", "uz", "ug", "uv", "ud", "p", "c", "r", "y", "e", "o", "k", "h", "d", "zg", "q", "f", "rr", "rz", "u"]
)
# masked personal data and the platform's expressions ([微笑]); links and mail
MASKS = (
    r"〔[^〕\n]{0,12}〕|\[[^\[\]\n]{1,12}\]|\[[A-Za-z]+_[0-9]+\]"
    r"|https?://[^\s，。；！？）]+|www\.[^\s，。；！？）]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
)
_NO_WORD = re.compile(MASKS, re.ASCII)
# a mask with its label in a form, "订单号：〔订单号〕", is no word; nor is the label
_SPLIT = re.compile(
    rf"(?P<mask>(?:[㐀-鿿A-Za-z]{{1,8}}\s{{0,3}}[:：]\s{{0,3}}[￥¥]?)?(?:{MASKS}))"
    r"|(?P<latin>[A-Za-z0-9Α-ω]+(?:[-./+#][A-Za-z0-9Α-ω]+)*\+{0,2})"
    r"|(?P<chinese>[㐀-鿿豈-﫿〇]+)",
    re.ASCII,
)
_NUMBER = re.compile(r"[0-9]+(?:[-./][0-9]+)*")


@dataclass(frozen=True, slots=True)
class Token:
    """A word and where it starts. tag: its part of speech. breaks: it is no part of a phrase."""

    text: str
    start: int
    tag: str
    breaks: bool

    @property
    def end(self) -> int:
        """The place behind it."""
        return self.start + len(self.text)


def without_masks(text: str) -> str:
    """The text with a line break for each masked place, expression and link: no word reaches across."""
    return _NO_WORD.sub("\n", text)


def tokenise(text: str, goods: Goods) -> list[Token]:
    """The tokens of a normalised text in their order, marks and spaces left out; goods are one token each."""
    tokens: list[Token] = []
    place = 0
    for start, end in goods.find(text):
        tokens += _plain(text, place, start)
        tokens.append(Token(text[start:end], start, GOODS_TAG, breaks=False))
        place = end
    tokens += _plain(text, place, len(text))
    return tokens


def _plain(text: str, start: int, end: int) -> Iterator[Token]:
    for match in _SPLIT.finditer(text, start, end):
        found, place = match[0], match.start()
        match match.lastgroup:
            case "chinese":
                yield from _chinese(found, place)
            case "latin":
                tag = NUMBER_TAG if _NUMBER.fullmatch(found) else LATIN_TAG
                yield Token(found, place, tag, breaks=_is_id(found) or found.lower() in catalogue().breaks)
            case _:
                yield Token(found, place, MARK_TAG, breaks=True)


def _is_id(run: str) -> bool:
    return sum(map(str.isdigit, run)) >= ID_DIGITS


def _chinese(run: str, start: int) -> Iterator[Token]:
    words = chinese()
    for word in words.cut(run):
        tag = words.tag(word)
        yield Token(word, start, tag, breaks=tag in FUNCTION_TAGS or _is_idle(word, tag))
        start += len(word)


def _is_idle(word: str, tag: str) -> bool:
    lists = catalogue()
    return word in lists.breaks or word[0] in lists.pronouns or (tag == UNKNOWN_TAG and word[0] in lists.openers)

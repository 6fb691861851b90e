"""How does a message look without what only dresses it up: odd widths, repeats, emoji, fillers of speech?"""

from __future__ import annotations

import re
import unicodedata

from nlu.lexicon import lines
from nlu.text import simplified

REACH = 2_000  # characters; what asks something stands within

# NFKC would turn Chinese punctuation into ASCII, which the encoder reads differently
_PUNCTUATION = re.compile(r"([，。？！：；（）、～…“”‘’《》])")
# what an emoji says, by its code point, for `str.translate`
EMOJI_WORDS = {ord(emoji): row.split("\t")[0] for row in lines("emoji.txt") for emoji in row.split("\t")[1].split()}
_SPACE = re.compile(r"\s+")
_MARKS = re.compile(r"[，。？！；、～…,.?!;~]{2,}")
_CHARACTER = re.compile(r"([一-鿿])\1{2,}")
_PHRASE = re.compile(r"([^\W0-9A-Za-z_]{2,6}?)\1{2,}")
_SEGMENT = re.compile(r"(?:(?<=^)|(?<=[ ，。,！!？?]))([一-鿿]{1,8})(?:[ ，。,！!？?~]\1)+(?=[ ，。,！!？?~]|$)")
# these are written twice when they are meant once
_DOUBLED = frozenset("哈呵嘿嘻呜谢拜看试问亲宝嗯好快妈爸姐哥")
_HUM = re.compile(r"(?<![一-鿿])[嗯呃额唔噢哦啊诶欸]{1,4}[，、, …。]{1,3}|[嗯呃唔]{1,4}(?=[，、, ]?[一-鿿])")
_SPOKEN = re.compile(
    r"(?<![不也思])就是说[，, ]?|(?:^|(?<=[，。,？！ ]))(?:那个|就是|怎么说呢|怎么讲)[，、, …]"
    r"|(?:^|(?<=[，。,？！ ]))(?:那个|就是)(?=(?:我|你|你们|请问|问|能|可以|可不可以|怎么|什么时候|想)(?!个|的))"
)


def tidy(text: str) -> str:
    """Write a message plainly, for understanding; idempotent, at most `REACH` characters of it are read.

    Compatibility forms (full width, ligatures) and traditional characters are folded; control, zero-width and
    private characters dropped; emoji become a short word where they say something; repeated marks, characters and
    phrases are squeezed ("在在在吗？？！" → "在吗？"); fillers of spoken language go where something else is left.
    """
    plain = _folded(text[:REACH])
    while (shorter := _squeezed(plain)) != plain:
        plain = shorter
    return plain


def _folded(text: str) -> str:
    pieces = (piece if _PUNCTUATION.fullmatch(piece) else _piece(piece) for piece in _PUNCTUATION.split(text))
    return simplified("".join(pieces))[:REACH]


def _piece(text: str) -> str:
    if text.isalnum() and unicodedata.is_normalized("NFKC", text):
        return text
    folded = unicodedata.normalize("NFKC", text)
    return "".join(_visible(char) for char in folded)


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("So", "Sk"):
        return EMOJI_WORDS.get(ord(char), "")
    if category[0] == "M":
        return ""  # variation selectors and marks heaped on letters
    if category == "Zs" or char in "\n\r\t":
        return " "
    return char if category[0] not in "CZ" else ""


def _squeezed(text: str) -> str:
    """One round; never longer than before."""
    plain = _SPACE.sub(" ", text).strip()
    plain = _MARKS.sub(_mark, plain)
    plain = _CHARACTER.sub(lambda match: match[1] * (2 if match[1] in _DOUBLED else 1), plain)
    plain = _PHRASE.sub(r"\1", plain)
    plain = _SEGMENT.sub(r"\1", plain)
    spoken = _SPOKEN.sub("", _HUM.sub("", plain)).strip("，、, ")
    return spoken if any(char.isalnum() for char in spoken) else plain


def _mark(match: re.Match[str]) -> str:
    """One mark for several: a question stays one, then a call, then the first."""
    return next((mark for mark in "？?！!" if mark in match[0]), match[0][0])

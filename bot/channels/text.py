"""How long may a text be, where may it be cut, and what of it matters for understanding?"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from bot.channels.emoticons import KNOWN_CODE, MEANINGS, OLD_CODE

# Limits in bytes of UTF-8. 微信客服: [W 94677]; WeCom app messages: [W 90236]; official accounts:
# the customer-service message page, which states the text limit only, so menus follow 微信客服.
TEXT_BYTES: Final = 2048
MENU_HEAD_BYTES: Final = 1024
MENU_CHOICES: Final = 10
MENU_ID_BYTES: Final = 64
MENU_CHOICE_BYTES: Final = 128
LINK_TITLE_BYTES: Final = 128
LINK_DESCRIPTION_BYTES: Final = 512
LINK_URL_BYTES: Final = 2048
MINI_PROGRAM_TITLE_BYTES: Final = 64

MIN_LIMIT_BYTES: Final = 4  # the longest UTF-8 sequence: below it a text could not be cut at all
ELLIPSIS: Final = "…"

_LINK = r"<a\s[^>]*>.*?</a>"  # a link, whose markup works only in one piece
_URL = r"https?://[!-~]+"
_BRACKETED = r"\[[^\[\]\s]{1,12}\]"  # [微笑], also those newer than our table
_WHOLE: Final = re.compile(f"{_LINK}|{_URL}|{_BRACKETED}|{OLD_CODE.pattern}", re.DOTALL)
_ENDS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:[。！？!?；;\n]|…{1,2})[”’」』）】》\"')\s]*",  # sentences
        r"[，、：]",  # clauses
        r"\s+",  # words
    )
)
_ZWJ, _ZWNJ = "\u200d", "\u200c"
# Hangul written in parts: a vowel or tail belongs to what is before it, a lead to what follows.
_JAMO_PAIR: Final = re.compile("[\u1100-\u115f\ua960-\ua97f][\u1100-\u115f\ua960-\ua97f\uac00-\ud7a3]")
_JAMO_TAIL: Final = re.compile("[\u1160-\u11ff\ud7b0-\ud7ff]")
_NOT_FOLDED: Final = re.compile("([，。！？：；（）、…“”‘’《》【】]+)")
_INVISIBLE: Final = frozenset({"Cf", "Cc", "Cs", "Co"})


def size(text: str) -> int:
    """Bytes of `text` in UTF-8, which is what the platforms count."""
    return len(text.encode("utf-8", "replace"))


def split_text(text: str, limit_bytes: int) -> tuple[str, ...]:
    """Cut `text` into pieces of at most `limit_bytes` bytes; none for blank text.

    Cuts after a sentence, else after a clause or word, else between any two characters as people
    see them. An emoji sequence, a letter with its marks, a WeChat emoticon code, a URL or an `<a>`
    link stays whole unless it alone exceeds the limit. Only white space around pieces is dropped.
    Raises ValueError for a limit below 4 bytes.
    """
    if limit_bytes < MIN_LIMIT_BYTES:
        raise ValueError(f"limit_bytes must be at least {MIN_LIMIT_BYTES}")
    pieces = []
    rest = text.strip()
    while size(rest) > limit_bytes:
        cut = _best_cut(rest, _longest_prefix(rest, limit_bytes))
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return (*pieces, rest) if rest else tuple(pieces)


def clip(text: str, limit_bytes: int) -> str:
    """The text itself if it fits, else its beginning and an ellipsis, cut between characters."""
    if size(text) <= limit_bytes:
        return text
    room = _longest_prefix(text, limit_bytes - size(ELLIPSIS))
    return text[: _last_border(text, room, _whole_spans(text, room))].rstrip() + ELLIPSIS


def for_understanding(text: str) -> str:
    """The text as understanding wants it; show the original to people, never this.

    Full-width letters, digits and signs become half-width (NFKC) while Chinese punctuation stays;
    invisible characters go; emoticon codes become a short word or nothing; white space collapses.
    """
    folded = "".join(
        part if _NOT_FOLDED.fullmatch(part) else unicodedata.normalize("NFKC", part) for part in _NOT_FOLDED.split(text)
    )
    visible = "".join(_seen(character) for character in folded)
    worded = KNOWN_CODE.sub(lambda code: f" {MEANINGS[code[0]]} ", visible)
    return " ".join(worded.split())


def _seen(character: str) -> str:
    if character.isspace():
        return " "
    if character in "\ufe0e\ufe0f" or unicodedata.category(character) in _INVISIBLE:
        return ""
    return character


def _longest_prefix(text: str, limit_bytes: int) -> int:
    """Number of leading characters that fit into the limit."""
    head = text[:limit_bytes].encode("utf-8", "replace")[:limit_bytes]
    return len(head.decode("utf-8", "ignore"))


def _best_cut(text: str, room: int) -> int:
    """The best index in 1..room to cut at. A border in the first quarter wastes too much of a message."""
    whole = _whole_spans(text, room)
    for pattern in _ENDS:
        for end in sorted((match.end() for match in pattern.finditer(text, 0, room)), reverse=True):
            if end * 4 < room:
                break
            if _is_border(text, end, whole):
                return end
    return _last_border(text, room, whole)


def _last_border(text: str, room: int, whole: list[tuple[int, int]]) -> int:
    for spans in (whole, []):
        for end in range(room, 0, -1):
            if _is_border(text, end, spans):
                return end
    return room


def _whole_spans(text: str, room: int) -> list[tuple[int, int]]:
    """Where the text holds codes, URLs and links that should stay whole and begin within `room`."""
    return [match.span() for match in _WHOLE.finditer(text, 0, room + TEXT_BYTES) if match.start() < room]


def _is_border(text: str, index: int, whole: list[tuple[int, int]]) -> bool:
    if any(start < index < end for start, end in whole):
        return False
    before, after = text[index - 1], text[index]
    return not (
        before == _ZWJ
        or (before == "\r" and after == "\n")
        or _extends(after)
        or _JAMO_PAIR.match(before + after)
        or (_is_flag_half(after) and _flag_halves_before(text, index) % 2 == 1)
    )


def _extends(character: str) -> bool:
    """Does the character belong to the one before it (marks, selectors, skin tones, tags, joiners)?"""
    return (
        character in (_ZWJ, _ZWNJ)
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
        or _JAMO_TAIL.match(character) is not None
        or unicodedata.category(character).startswith("M")
    )


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_halves_before(text: str, index: int) -> int:
    count = 0
    while count < index and _is_flag_half(text[index - count - 1]):
        count += 1
    return count

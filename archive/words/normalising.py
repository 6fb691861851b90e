"""How is a text written before its words are looked for?"""

from __future__ import annotations

import re
import unicodedata

from opencc import OpenCC

REACH = 20_000  # characters of a text that are read; nobody's message is longer, documents are
_FULL_WIDTH = {  # letters and digits only: Chinese punctuation stays
    code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code - 0xFEE0).isalnum()
} | {0x3000: 0x20}
_INVISIBLE = re.compile(
    "(?:[^\\S\n]|[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff])+"
)
_TO_SIMPLIFIED = OpenCC("t2s")


def normalise(text: str) -> str:
    """Narrow full-width letters and digits, simplify, drop what nobody sees; line breaks stay, case stays.

    At most `REACH` characters are read.
    """
    narrow = unicodedata.normalize("NFC", text[:REACH].translate(_FULL_WIDTH))
    return _simplified(_INVISIBLE.sub(" ", narrow))


def _simplified(text: str) -> str:
    try:
        text.encode("gb2312")  # holds the simplified characters: most texts need no conversion
    except UnicodeEncodeError:
        return str(_TO_SIMPLIFIED.convert(text))
    return text

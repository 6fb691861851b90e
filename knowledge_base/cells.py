"""How do several values share one cell of a table, and come apart again as they were?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge_base.attachments import Attachment, Link, Menu, MiniProgram, Picture, Video

LINES = "\n\r；;"  # between questions and between conditions
SLASHES = "/／>、"  # between the levels of a category
IDS = "；;,，、 \t\n\r"
BARS = "|｜"  # between the parts of an attachment
BREAKS = "\n\r"  # between attachments

KIND_WORDS = {"图片": "picture", "视频": "video", "链接": "link", "小程序": "mini_program", "菜单": "menu"}
_PARTS = {
    "picture": ("source",),
    "video": ("source",),
    "link": ("title", "description", "url", "thumb"),
    "mini_program": ("app_id", "page", "title", "thumb"),
    "menu": ("head", "scripts"),
}
_ESCAPED = {"\n": "n", "\r": "r"}
_MEANT = {letter: character for character, letter in _ESCAPED.items()}


def joined(parts: Sequence[str], separators: str) -> str:
    """The parts in one cell, between them the first of `separators`; these inside a part get a backslash."""
    special = re.compile(f"[{re.escape(separators)}\\\\\n\r]")
    return separators[0].join(special.sub(_escape, part) for part in parts)


def apart(text: str, separators: str, *, blanks: bool = False) -> list[str]:
    """The parts of a cell, stripped, without the empty ones unless `blanks`; undoes `joined`."""
    parts = [""]
    for token in re.findall(r"\\.|\\\Z|[^\\]", text, flags=re.DOTALL):
        if token in separators:
            parts.append("")
        else:
            parts[-1] += _meant(token[1], separators) if len(token) > 1 else token
    stripped = [part.strip() for part in parts]
    return stripped if blanks else [part for part in stripped if part]


def attachments_cell(attachments: Sequence[Attachment]) -> str:
    """One line an attachment: its kind and its parts between bars."""
    return joined([joined(_parts(each), "｜|") for each in attachments], BREAKS)


def attachments_of(cell: str) -> list[dict[str, object]]:
    """The plain values of such a cell; what does not fit is left to the check of the field."""
    return [_plain(line) for line in apart(cell, BREAKS)]


def _parts(attachment: Attachment) -> list[str]:
    word = next(word for word, kind in KIND_WORDS.items() if kind == attachment.kind)
    match attachment:
        case Picture(source) | Video(source):
            return [word, source]
        case Link(title, description, url, thumb):
            return [word, title, description, url, thumb]
        case MiniProgram(app_id, page, title, thumb):
            return [word, app_id, page, title, thumb]
        case Menu(scripts, head):
            return [word, head, joined(scripts, "、,")]


def _plain(line: str) -> dict[str, object]:
    word, *parts = apart(line, BARS, blanks=True)
    kind = KIND_WORDS.get(word, word)
    plain: dict[str, object] = {"kind": kind}
    names = _PARTS.get(kind, ())
    for number, part in enumerate(parts):
        plain[names[number] if number < len(names) else part or "|"] = part
    if isinstance(scripts := plain.get("scripts"), str):
        plain["scripts"] = apart(scripts, IDS)
    return plain


def _escape(found: re.Match[str]) -> str:
    return "\\" + _ESCAPED.get(found[0], found[0])


def _meant(letter: str, separators: str) -> str:
    """What a backslash and this letter stand for; before anything else it is a backslash somebody typed."""
    if letter == "\\" or letter in separators:
        return letter
    return _MEANT.get(letter, "\\" + letter)

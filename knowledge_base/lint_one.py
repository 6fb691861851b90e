"""What is wrong with a script by itself, or with what it points to?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from knowledge_base.attachments import MAX_FILE_BYTES, Attachment, Link, Menu, MiniProgram, is_file, sources
from knowledge_base.findings import Finding, finding
from knowledge_base.script import DEFAULT_CHANNEL, Script
from knowledge_base.text import normalise
from knowledge_base.words import words

TEXT_BYTES = 2048  # of one text message: 微信客服 [W 94677], official accounts alike
SOON_DAYS = 14
SHORTEST_QUESTION = 2  # characters
MANY_SCRIPTS = 20  # from here on a category of its own for one script is odd
_MIB = 1024 * 1024


def lint_validity(script: Script, today: date) -> Iterator[Finding]:
    """Is there a time at which it may be said, and for how long still?"""
    first, last = script.valid_from, script.valid_until
    if first and last and script.hours:
        days = [first + timedelta(days=number) for number in range(min((last - first).days + 1, 7))]
        if not any(window.touches(day) for window in script.hours for day in days):
            hours = "；".join(map(str, script.hours))
            yield finding("never_valid", [script.id], first=first, last=last, hours=hours)
    if last and script.state == "live":
        left = (last - today).days
        if left < 0:
            yield finding("expired", [script.id], last=last, id=script.id)
        elif left <= SOON_DAYS:
            yield finding("expires_soon", [script.id], last=last, days=left)


def lint_references(script: Script, library: Mapping[str, Script]) -> Iterator[Finding]:
    """Is what it points to there, and can customers reach it?"""
    for other in script.related:
        if other not in library:
            yield finding("missing_related", [script.id], other=other)
        elif script.state == "live" and library[other].state != "live":
            yield finding("unseen_related", [script.id], other=other)
    for attachment in script.attachments:
        if isinstance(attachment, Menu):
            for other in attachment.scripts:
                if other not in library or (script.state == "live" and library[other].state != "live"):
                    yield finding("missing_choice", [script.id], other=other)


def lint_attachments(script: Script, folder: Path | None) -> Iterator[Finding]:
    """Can they be sent? folder: where files are looked for, None looks for none."""
    for attachment in script.attachments:
        if _lacks_cover(attachment) and (not script.channels or "wecom_kf" in script.channels):
            assert isinstance(attachment, Link | MiniProgram)  # noqa: S101 - only these have covers
            named = words("attachments")[attachment.kind].format(title=attachment.title)
            yield finding("no_cover", [script.id], attachment=named)
        for source in sources(attachment) if folder else ():
            if is_file(source) and folder:
                yield from _lint_file(script, folder / source, source)


def lint_texts(script: Script) -> Iterator[Finding]:
    """Do the answers fit into one message each, and are the questions of use?"""
    names = words("channels")
    for channel, text in script.answers.items():
        if (size := len(text.encode())) > TEXT_BYTES:
            pieces = -(-size // TEXT_BYTES)
            yield finding("long_answer", [script.id], channel=names[channel], size=size, most=TEXT_BYTES, pieces=pieces)
    seen: dict[str, str] = {}
    for question in script.questions:
        plain = normalise(question)
        if len(plain) < SHORTEST_QUESTION:
            yield finding("short_question", [script.id], question=question)
        elif plain in seen:
            yield finding("repeated_question", [script.id], question=question, other=seen[plain])
        seen.setdefault(plain, question)


def lint_categories(scripts: Sequence[Script]) -> Iterator[Finding]:
    """Which scripts stand outside the tree, or alone on a branch of it?"""
    tops = Counter(script.category[0] for script in scripts if script.category)
    for script in scripts:
        if not script.category:
            yield finding("no_category", [script.id])
        elif tops[script.category[0]] == 1 and len(scripts) >= MANY_SCRIPTS:
            yield finding("lone_category", [script.id], category=script.category[0])


def says_by_default(script: Script) -> str:
    """The answer of all channels, as compared."""
    return normalise(script.answers[DEFAULT_CHANNEL])


def _lacks_cover(attachment: Attachment) -> bool:
    return isinstance(attachment, Link | MiniProgram) and not attachment.thumb


def _lint_file(script: Script, file: Path, source: str) -> Iterator[Finding]:
    if not file.is_file():
        yield finding("missing_file", [script.id], file=source)
    elif (size := file.stat().st_size) > MAX_FILE_BYTES:
        yield finding("large_file", [script.id], file=source, size=round(size / _MIB, 1), most=MAX_FILE_BYTES // _MIB)

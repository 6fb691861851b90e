"""What do the analyzers say about a batch, even if one of them cannot read one of its texts?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.analysis.values import Analyzer, Mark, Utterance
from archive.entry import Entry

READ_CHARS = 4_000  # what is longer was pasted; its beginning says what it is, and one text must not hold up a batch


class WrongMarks(Exception):  # noqa: N818 - reads as the fact it is
    """An analyzer gave another number of marks than it was given utterances, or a mark of another utterance."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An analyzer raised on this utterance alone. error: the class of what it raised; its words may quote her."""

    entry_id: int
    error: str


@dataclass(frozen=True, slots=True)
class Marks:
    """What one analyzer says about a batch; who has nothing to say about an utterance has no mark for it."""

    analyzer: str
    version: int
    marks: tuple[Mark, ...]
    failed: tuple[Failed, ...]


def utterance_of(entry: Entry) -> Utterance | None:
    """The entry as analyzers read it; None where there is nothing to read: recalled, damaged, or without words."""
    if entry.id is None or entry.recalled or entry.damaged or not entry.text.strip():
        return None
    return Utterance(
        id=entry.id,
        session_id=entry.session_id,
        account=entry.account,
        customer=entry.customer,
        room=entry.room,
        voice=entry.voice,
        who=entry.who,
        at=entry.at,
        kind=entry.kind,
        text=entry.text[:READ_CHARS],
    )


def mark(analyzer: Analyzer, batch: Sequence[Utterance]) -> Marks:
    """Let an analyzer read a batch; where it raises, halves of it, down to the utterances that it cannot read."""
    found = list(_read(analyzer, batch))
    return Marks(
        analyzer.name,
        analyzer.version,
        tuple(each for each in found if isinstance(each, Mark)),
        tuple(each for each in found if isinstance(each, Failed)),
    )


def _read(analyzer: Analyzer, batch: Sequence[Utterance]) -> Iterator[Mark | Failed]:
    if not batch:
        return
    try:
        yield from _checked(batch, analyzer.analyze(batch))
    except Exception as error:  # noqa: BLE001 - whatever it is, the others are read; it is counted and shown
        if len(batch) == 1:
            yield Failed(batch[0].id, type(error).__name__)
            return
        half = len(batch) // 2
        yield from _read(analyzer, batch[:half])
        yield from _read(analyzer, batch[half:])


def _checked(batch: Sequence[Utterance], marks: Sequence[Mark | None]) -> list[Mark]:
    if len(marks) != len(batch) or any(
        each is not None and each.entry_id != said.id for each, said in zip(marks, batch, strict=True)
    ):
        raise WrongMarks(f"{len(batch)} utterances got {len(marks)} marks, or marks of others")
    return [each for each in marks if each is not None]

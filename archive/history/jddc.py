"""How is the table of JDDC sessions read: session, user, sender, is_transfer, is_repeat, sku, text, without times?

The JDDC corpus (Chen et al., LREC 2020) keeps the order of what was said, not when. What is read of it is filed under
one day, an entry a second, a later session of the same user a day earlier each; it is marked untimed, so that nothing
is reckoned from those seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from archive.analysis.values import UNTIMED
from archive.entry import Entry, Voice
from archive.history.rows import Origin, RowProblem

COLUMNS = 7
_VOICES = {"0": Voice.CUSTOMER, "1": Voice.AGENT}


def read_jddc(lines: Iterable[str], origin: Origin) -> Iterator[Entry | RowProblem]:
    """Each row's entry, or what is wrong with it. Rows of a session stand together."""
    day = origin.now.astimezone(origin.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    sessions: dict[str, int] = {}
    current, place = "", 0
    for row, line in enumerate(lines, start=1):
        cells = line.rstrip("\r\n").split("\t")
        if len(cells) != COLUMNS:
            yield RowProblem(row, f"has {len(cells)} cells, not {COLUMNS}; it is one tab between two of them")
            continue
        session, user, sender, *_, text = (cell.strip() for cell in cells)
        if sender not in _VOICES:
            yield RowProblem(row, "the third cell is neither 0 (customer) nor 1 (agent)")
            continue
        if not text or not user:
            yield RowProblem(row, "has no text or no user; leave it out")
            continue
        if session != current:
            current, place = session, 0
            sessions[user] = sessions.get(user, -1) + 1
        place += 1
        at = day - timedelta(days=sessions[user]) + timedelta(seconds=place)
        yield Entry(
            source=origin.source,
            # of what the file says alone: the day it is filed under may be another when it is read again
            source_id=f"{session[:64]}:{place}",
            conversation_id=None,
            account=origin.account,
            customer=user[:128],
            voice=_VOICES[sender],
            kind="text",
            at=at,
            text=text,
            body={UNTIMED: True},
        )

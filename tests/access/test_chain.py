"""Does the chain betray every change, whatever is changed?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.access.chain import Broken, Head, Record, follow, hash_of

START = datetime(2026, 3, 1, 6, 20, tzinfo=UTC)
WORDS = st.text(max_size=12)


def chained(contents: list[tuple[str, str, str, str]]) -> list[Record]:
    records: list[Record] = []
    head = Head()
    for number, (who, action, on, reason) in enumerate(contents, start=1):
        at = START + timedelta(milliseconds=number)
        record = Record(number, at, who, action, on, reason, "127.0.0.1", previous=head.hash)
        record = replace(record, hash=hash_of(record))
        records.append(record)
        head = Head(number, record.hash)
    return records


LOGS = st.lists(st.tuples(WORDS, WORDS, WORDS, WORDS), min_size=1, max_size=8).map(chained)


@given(LOGS, st.data())
def test_a_log_that_nobody_touched_is_whole_from_any_row_on(log: list[Record], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(log)))
    first = follow(Head(), log[:at])
    assert isinstance(first, Head)
    assert follow(first, log[at:]) == Head(len(log), log[-1].hash)


@given(LOGS, st.data())
def test_each_changed_removed_or_moved_row_is_found(log: list[Record], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(log) - 1))
    row = log[at]
    changed = {
        "who": replace(row, who=row.who + "x"),
        "action": replace(row, action=row.action + "x"),
        "object": replace(row, object=row.object + "x"),
        "reason": replace(row, reason=row.reason + "x"),
        "address": replace(row, address="10.0.0.1"),
        "at": replace(row, at=row.at + timedelta(milliseconds=1)),
        "border": replace(row, who=row.who + row.action[:1], action=row.action[1:]),
    }[data.draw(st.sampled_from(["who", "action", "object", "reason", "address", "at", "border"]))]
    if changed != row:
        assert follow(Head(), [*log[:at], changed, *log[at + 1 :]]) == Broken(row.number, "content")
    if at < len(log) - 1:
        assert follow(Head(), [*log[:at], *log[at + 1 :]]) == Broken(row.number, "gap")
        rehashed = replace(row, reason=row.reason + "x")
        rehashed = replace(rehashed, hash=hash_of(rehashed))
        assert follow(Head(), [*log[:at], rehashed, *log[at + 1 :]]) == Broken(row.number + 1, "link")

"""Is exactly what was said found, newest first, by who holds the key, and in few statements?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from archive import KeyRing, Query, Voice
from archive.search import WINDOW
from archive.tokens import Wanted, folded, tokens_of
from bot.bootstrap import ARCHIVE_TABLES
from tests.archive.purged import purged
from tests.archive.shelf import NOON, Shelf, said
from tests.archive_keys import KEYS

SECRET = KeyRing.of({"k1": KEYS["k1"]}, "k1").keys["k1"]


async def indexed(shelf: Shelf, *entries: Any) -> None:
    await shelf.append(*entries)
    async with shelf.engine.begin() as connection:
        fresh = await shelf.fresh(connection)
        await shelf.archive.index(connection, fresh)
        await shelf.archive.settle(connection, [each.id for each in fresh if each.id is not None])


async def found(shelf: Shelf, words: str, **more: Any) -> list[str]:
    async with shelf.engine.connect() as connection:
        page = await shelf.archive.search(connection, Query(words, **more))
    return [entry.source_id for entry in page.entries]


LINES = (
    "我昨天买的粉底液什么时候发货",
    "发货了吗，订单号 3503055453",
    "SK-II 神仙水 230ml 有货吗",
    "ｉＰｈｏｎｅ手机壳，还有吗",
    "book 一本",
    "退",
)


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("发货", [2, 1]),
        ("什么时候发货", [1]),
        ("时候什么", []),  # both pairs of neighbours may be there, the words are not
        ("粉底液 发货", [1]),
        ("发货 粉底液", [1]),
        ("3503055453", [2]),
        ("350305", []),  # a number is found whole
        ("sk-ii", [3]),
        ("SK-II 230ML", [3]),
        ("iphone手机壳", [4]),
        ("IPHONE", [4]),
        ("ok", []),
        ("退", [6]),  # too short for a token: looked for by opening
        ("有", [4, 3]),
        ("没有这句话", []),
        ("", [6, 5, 4, 3, 2, 1]),
    ],
)
async def test_what_is_found(shelf: Shelf, words: str, numbers: list[int]) -> None:
    await indexed(shelf, *[said(number, text) for number, text in enumerate(LINES, 1)])
    assert await found(shelf, words) == [f"m{number}" for number in numbers]


async def test_narrowed_by_who_when_and_where(shelf: Shelf) -> None:
    await indexed(
        shelf,
        said(1, "发货了吗"),
        said(2, "发货了", voice=Voice.AGENT, who="lili"),
        said(3, "发货", customer="bob"),
        said(4, "发货", account="corp"),
    )
    assert await found(shelf, "发货", customer="amy", account="shop") == ["m2", "m1"]
    assert await found(shelf, "发货", who="lili") == ["m2"]
    assert await found(shelf, "发货", voice=Voice.CUSTOMER) == ["m4", "m3", "m1"]
    at = NOON + timedelta(minutes=2)
    assert await found(shelf, "发货", since=at, until=at + timedelta(minutes=2)) == ["m3", "m2"]


async def test_pages_go_on_where_the_last_one_ended(shelf: Shelf) -> None:
    await indexed(shelf, *[said(number, f"发货{number}") for number in range(1, 8)])
    seen: list[str] = []
    before: int | None = None
    async with shelf.engine.connect() as connection:
        for _ in range(9):
            page = await shelf.archive.search(connection, Query("发货", before_id=before, limit=3))
            seen += [entry.source_id for entry in page.entries]
            if (before := page.before_id) is None:
                break
    assert seen == [f"m{number}" for number in range(7, 0, -1)]


async def test_a_page_without_a_find_says_where_to_look_on(shelf: Shelf) -> None:
    await indexed(shelf, said(0, "退"), *[said(number, "好") for number in range(1, WINDOW + 3)])
    async with shelf.engine.connect() as connection:
        first = await shelf.archive.search(connection, Query("退"))
        second = await shelf.archive.search(connection, Query("退", before_id=first.before_id))
    assert first.entries == ()
    assert ([entry.source_id for entry in second.entries], second.before_id) == (["m0"], None)


async def test_few_statements_however_much_there_is(shelf: Shelf) -> None:
    statements: list[str] = []
    event.listen(shelf.engine.sync_engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    async def counted(count: int, first: int) -> tuple[int, int]:
        await shelf.append(*[said(first + number, f"发货 {number} 次") for number in range(count)])
        async with shelf.engine.begin() as connection:
            fresh = await shelf.fresh(connection)
            statements.clear()
            await shelf.archive.index(connection, fresh)
            adding = len(statements)
            statements.clear()
            await shelf.archive.search(connection, Query("发货 1", limit=100))
            return adding, len(statements)

    await counted(1, 0)  # makes the search key
    assert await counted(3, 100) == await counted(300, 1000)


async def test_what_is_gone_is_not_found_and_leaves_no_token(shelf: Shelf) -> None:
    await indexed(shelf, said(1, "发货了吗"), said(2, "发货", customer="bob"), said(3, "发货", customer="cat"))
    async with shelf.engine.begin() as connection:
        await purged(connection, shelf.archive, "amy")
        await shelf.archive.withdraw(connection, "inbox:shop", "m2")
    assert await found(shelf, "发货") == ["m3"]
    assert len(await shelf.rows(ARCHIVE_TABLES.tokens)) == 1


async def test_indexed_again_is_found_once_by_its_words_of_now(shelf: Shelf) -> None:
    await indexed(shelf, said(1, "发货了吗"))
    async with shelf.engine.begin() as connection:
        entries = await shelf.archive.entries(connection, [1])
        await shelf.archive.index(connection, entries)
    assert await found(shelf, "发货") == ["m1"]


async def test_before_anything_was_indexed_it_is_looked_for_by_opening(shelf: Shelf) -> None:
    assert await found(shelf, "发货") == []
    await shelf.append(said(1, "发货"))
    assert await found(shelf, "发货") == ["m1"]


# ── tokens ───────────────────────────────────────────────────────────────────────────────────

TEXTS = st.text(alphabet=st.sampled_from("发货退款了吗 aAbB12ＡＢ，-_Ω"), max_size=30)


@given(TEXTS, TEXTS)
def test_no_text_that_says_it_lacks_its_tokens(text: str, words: str) -> None:
    """Candidates miss nothing."""
    wanted = Wanted(words)
    if wanted.is_said_in(text):
        assert set(wanted.tokens(SECRET)) <= set(tokens_of(text, SECRET))


@given(TEXTS, st.integers(0, 30), st.integers(0, 30))
def test_every_piece_of_chinese_is_said_in_its_text(text: str, start: int, end: int) -> None:
    piece = text[start:end].strip()
    if piece and all(each in "发货退款了吗" for each in piece):
        assert Wanted(piece).is_said_in(text)


@given(st.text(max_size=50))
def test_whole_words_of_a_text_are_said_in_it(text: str) -> None:
    for word in folded(text).split():
        assert Wanted(word).is_said_in(text)


def test_tokens_depend_on_the_key() -> None:
    other = KeyRing.of({"k2": KEYS["k2"]}, "k2").keys["k2"]
    assert not set(tokens_of("什么时候发货", SECRET)) & set(tokens_of("什么时候发货", other))

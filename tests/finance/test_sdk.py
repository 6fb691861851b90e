"""Does the library serve us whatever it does: crash, hang, refuse, print, or meet what it cannot bear?"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.finance import (
    AnswerTooLarge,
    ChildDied,
    FinanceSdk,
    LibraryUnusable,
    NotOpened,
    SdkRefused,
    Sealed,
    advice_for,
    known_codes,
)
from benchmarks.finance.corp import QUICK, ArchivedCorp, sealed
from tests.finance.conftest import Naps


def message(text: str) -> Sealed:
    return Sealed(*sealed(text.encode()))


async def test_a_page_comes_as_the_platform_wrote_it(sdk: FinanceSdk, corp: ArchivedCorp) -> None:
    for text in ("在吗", "多久发货", "好的"):
        corp.says(text)
    page = json.loads(await sdk.chat(0, 2))
    assert [entry["seq"] for entry in page["chatdata"]] == [1, 2]
    assert [entry["seq"] for entry in json.loads(await sdk.chat(2, 2))["chatdata"]] == [3]
    assert json.loads(await sdk.chat(3, 2))["chatdata"] == []


async def test_messages_are_opened_in_order(sdk: FinanceSdk, deaths: list[str]) -> None:
    texts = ["在吗", "x" * 100_000, "", "CODE10006", "好的"]
    opened = await sdk.decrypt([message(text) for text in texts])
    assert opened == [
        "在吗".encode(),
        b"x" * 100_000,
        NotOpened("malformed"),
        NotOpened("refused", 10006),
        "好的".encode(),
    ]
    assert deaths == []


async def test_a_message_that_kills_twice_is_put_aside_and_the_rest_goes_on(
    sdk: FinanceSdk, naps: Naps, deaths: list[str]
) -> None:
    renewed = []

    async def alive() -> None:
        renewed.append(1)

    opened = await sdk.decrypt([message(text) for text in ("在吗", "ABORT", "好的", "ABORT", "再见")], alive)
    assert opened == ["在吗".encode(), NotOpened("killed"), "好的".encode(), NotOpened("killed"), "再见".encode()]
    assert deaths == ["ended by SIGABRT"] * 4
    assert naps.taken == [0.5, 0.5]  # before its second life; once it is known to be the message, we go on at once
    assert len(renewed) == 5


async def test_a_message_at_which_it_hangs_is_put_aside_too(corp: ArchivedCorp, naps: Naps, deaths: list[str]) -> None:
    sdk = FinanceSdk(corp.access, replace(QUICK, decrypt_s=1.0), sleep=naps, died=deaths.append)
    opened = await sdk.decrypt([message("HANG"), message("好的")])
    await sdk.aclose()
    assert opened == [NotOpened("killed"), "好的".encode()]
    assert deaths == ["no answer in time"] * 2


@given(
    st.one_of(
        st.text(max_size=40),
        st.text("ABCDabcd0123+/=", max_size=40),
        st.binary(max_size=12).map(lambda raw: raw.hex()),
    ),
    st.binary(max_size=24),
)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_nothing_short_or_malformed_reaches_the_library(
    sdk: FinanceSdk, deaths: list[str], text: str, key: bytes
) -> None:
    """Tencent's own aborts below 13 characters, and so does ours."""
    (outcome,) = await sdk.decrypt([Sealed(key, text)])
    assert isinstance(outcome, NotOpened)
    assert deaths == []


@pytest.mark.parametrize("code", known_codes())
async def test_each_code_arrives_with_what_to_do(sdk: FinanceSdk, corp: ArchivedCorp, code: int) -> None:
    corp.tell("code", code)
    with pytest.raises(SdkRefused) as refused:
        await sdk.chat(0, 10)
    assert (refused.value.code, refused.value.retryable) == (code, code in (10001, 10002, 10003))
    assert refused.value.advice == advice_for(code)
    assert "未收录" not in refused.value.advice


def test_every_code_of_the_sdk_is_in_the_catalogue() -> None:
    assert {*range(10000, 10012), 301042} <= set(known_codes())
    assert "未收录" in advice_for(4711)


async def test_a_crash_while_a_page_is_fetched_costs_that_try_only(
    sdk: FinanceSdk, corp: ArchivedCorp, naps: Naps, deaths: list[str]
) -> None:
    corp.says("在吗")
    corp.tell("abort", 1)
    for _ in range(5):
        with pytest.raises(ChildDied, match="SIGABRT"):
            await sdk.chat(0, 10)
    assert naps.taken == [0.5, 1.0, 2.0, 4.0]  # and never more
    corp.tell("abort", 0)
    assert b"chatdata" in await sdk.chat(0, 10)
    assert len(deaths) == 5
    corp.tell("abort", 1)
    with pytest.raises(ChildDied):
        await sdk.chat(0, 10)
    naps.taken.clear()
    corp.tell("abort", 0)
    await sdk.chat(0, 10)
    assert naps.taken == [0.5]  # the count began anew


async def test_more_than_we_take_at_once_is_said_so(corp: ArchivedCorp, naps: Naps) -> None:
    corp.says("长" * 2_000)
    sdk = FinanceSdk(corp.access, replace(QUICK, answer_bytes=4_000), sleep=naps)
    with pytest.raises(AnswerTooLarge):
        await sdk.chat(0, 10)
    assert await sdk.decrypt([message("长" * 2_000), message("短")]) == [NotOpened("too_large"), "短".encode()]
    await sdk.aclose()


@pytest.mark.parametrize(("library", "what"), [("/nowhere/lib.so", "cannot open"), ("", "undefined symbol")])
async def test_a_library_that_is_none_is_named(corp: ArchivedCorp, naps: Naps, library: str, what: str) -> None:
    """dlopen("") would be this program itself: it has none of the functions."""
    sdk = FinanceSdk(replace(corp.access, library=library), QUICK, sleep=naps)
    with pytest.raises(LibraryUnusable, match=what):
        await sdk.ready()


async def test_what_init_refuses_is_a_code(sdk: FinanceSdk, corp: ArchivedCorp) -> None:
    corp.tell("init_code", 10003)
    with pytest.raises(SdkRefused, match="10003"):
        await sdk.ready()
    corp.tell("init_code", 0)
    await sdk.ready()


async def test_files_come_in_chunks(sdk: FinanceSdk, corp: ArchivedCorp) -> None:
    data = bytes(range(256)) * 10
    corp.has_file("f1", data)
    got, index, finished = b"", "", False
    while not finished:
        chunk = await sdk.media("f1", index)
        got, index, finished = got + chunk.data, chunk.index, chunk.finished
    assert got == data
    with pytest.raises(SdkRefused, match="10005"):
        await sdk.media("nothing", "")


async def test_the_child_knows_no_more_than_it_must(sdk: FinanceSdk, corp: ArchivedCorp) -> None:
    """Neither its arguments nor its environment hold a secret; it loaded nothing of ours but its own file."""
    await sdk.ready()
    assert sdk.process.child is not None
    process = Path("/proc") / str(sdk.process.child.pid)
    if not process.exists():
        pytest.skip("no /proc on this machine")
    shown = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    assert str(corp.folder).encode() not in shown
    assert b"XIAOER" not in shown
    assert b"sqlalchemy" not in (process / "maps").read_bytes()


async def test_who_waits_no_longer_leaves_no_answer_to_the_next(sdk: FinanceSdk, deaths: list[str]) -> None:
    await sdk.ready()
    waiting = asyncio.create_task(sdk.decrypt([message("一"), message("HANG"), message("二")]))
    await asyncio.sleep(0)  # it has asked now
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await sdk.decrypt([message("三"), message("四")]) == ["三".encode(), "四".encode()]
    assert deaths == []


async def test_an_end_in_the_middle_leaves_no_process(corp: ArchivedCorp, naps: Naps) -> None:
    sdk = FinanceSdk(corp.access, QUICK, sleep=naps)
    await sdk.ready()
    assert sdk.process.child is not None
    process = sdk.process.child._process
    await sdk.aclose()
    assert process.returncode == 0
    await sdk.aclose()

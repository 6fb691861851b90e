"""Does the API give what it says, to whom may have it, and say what is wrong otherwise?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from archive import Voice
from bot.access import Actor
from bot.api import Scope, Tokens
from tests.api.conftest import Program
from tests.console.desk import Shopfront
from tests.databases import ON_SQLITE, without_table

pytestmark = ON_SQLITE


async def test_tickets_are_listed_the_newest_first_and_page_by_page(program: Program, front: Shopfront) -> None:
    made = [(await front.hand_over(number)).id for number in (1, 2, 3)]
    status, first = await program.ask("GET", "/tickets", limit=2)
    assert (status, [each["id"] for each in first["items"]], first["next"]) == (200, made[:0:-1], made[1])
    _, rest = await program.ask("GET", "/tickets", limit=2, after=first["next"])
    assert ([each["id"] for each in rest["items"]], rest["next"]) == ([made[0]], None)
    assert (await program.ask("GET", "/tickets", state="closed"))[1]["items"] == []
    assert len((await program.ask("GET", "/tickets", team="aftersale"))[1]["items"]) == 3


async def test_a_ticket_comes_with_its_history_and_without_who_she_is(program: Program, front: Shopfront) -> None:
    ticket = await front.hand_over(1, says="我的电话是13812345678，怎么还没到")
    status, found = await program.ask("GET", f"/tickets/{ticket.id}")
    assert status == 200
    assert "13812345678" not in found["asked"]
    assert "怎么还没到" in found["asked"]
    assert [each["kind"] for each in found["events"]] == ["opened"]
    assert "customer" not in found
    assert (await program.ask("GET", "/tickets/999"))[0] == 404


async def test_a_note_is_written_under_the_programs_name(program: Program, front: Shopfront) -> None:
    ticket = await front.hand_over(1)
    status, note = await program.ask("POST", f"/tickets/{ticket.id}/notes", {"text": "仓库说今天发"})
    assert (status, note) == (201, {"ticket_id": ticket.id, "by": "api:ERP"})
    async with front.engine.connect() as connection:
        assert [each.text for each in await front.desk.notes(connection, ticket.id)] == ["仓库说今天发"]
    assert (await program.ask("POST", "/tickets/999/notes", {"text": "谁"}))[0] == 404


async def test_a_transcript_is_masked_and_read_on_by_id(program: Program, front: Shopfront) -> None:
    await front.hand_over(1, says="地址写错了")
    await front.said(1, Voice.CUSTOMER, "我的手机号 13812345678")
    _, first = await program.ask("GET", "/conversations/1/messages", limit=1)
    assert [each["text"] for each in first["items"]] == ["地址写错了"]
    _, rest = await program.ask("GET", "/conversations/1/messages", after=first["next"])
    assert ["138" in each["text"] for each in rest["items"]] == [False]
    assert rest["next"] is None


async def test_live_scripts_queues_and_understanding(program: Program, front: Shopfront) -> None:
    await front.hand_over(1)
    _, scripts = await program.ask("GET", "/scripts", limit=2)
    assert ([each["id"] for each in scripts["items"]], scripts["next"]) == (["s1", "s3"], "s3")
    _, queues = await program.ask("GET", "/queues")
    assert {each["team"]: each["waiting"] for each in queues["items"]} == {"aftersale": 1, "presale": 0}
    status, understood = await program.ask("POST", "/understand", {"text": "什么时候发货"})
    assert (status, understood["intent"]["name"]) == (200, "shipping")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/tickets?limit=0", None, 422),
        ("GET", "/tickets?state=lost", None, 422),
        ("GET", "/tickets?colour=red", None, 422),
        ("GET", "/queues?x=1", None, 422),
        ("GET", "/tickets/0", None, 404),
        ("GET", "/tickets/9223372036854775808", None, 404),
        ("GET", "/tickets/x", None, 404),
        ("GET", "/nowhere", None, 404),
        ("DELETE", "/tickets", None, 405),
        ("POST", "/understand", {"text": ""}, 422),
        ("POST", "/understand", {"text": 7}, 422),
        ("POST", "/understand", {"text": "x" * 2001}, 422),
        ("POST", "/understand", {"text": "a\0b"}, 422),
        ("POST", "/understand", ["text"], 422),
        ("POST", "/understand", {"text": "x" * 70_000}, 413),
        ("POST", "/understand", None, 415),
    ],
)
async def test_what_is_wrong_is_said_as_a_problem(
    program: Program, method: str, path: str, body: object, status: int
) -> None:
    found, problem = await program.ask(method, path, body)
    assert (found, problem["status"]) == (status, status)
    assert problem["detail"]


async def test_a_token_opens_its_scopes_alone(program: Program, tokens: Tokens) -> None:
    token, text = await tokens.issue("看板", [Scope.QUEUES_READ], by=Actor("limei"), days=1)
    board = replace(program, token=text)
    assert (await board.ask("GET", "/queues"))[0] == 200
    status, problem = await board.ask("GET", "/tickets")
    assert (status, "tickets:read" in problem["detail"]) == (403, True)
    assert await tokens.revoke(token.id, by=Actor("limei"))
    assert not await tokens.revoke(token.id, by=Actor("limei"))
    assert (await board.ask("GET", "/queues"))[0] == 401


async def test_a_token_ends_with_its_time_and_none_can_be_guessed(
    program: Program, tokens: Tokens, front: Shopfront
) -> None:
    token, text = await tokens.issue("临时", [Scope.QUEUES_READ], by=Actor("limei"), days=1)
    for wrong in ("", "xr_1_x", text[:-1] + ("A" if text[-1] != "A" else "B"), f"xr_99_{'a' * 43}", "Bearer"):
        assert await tokens.check(wrong) is None
    assert (await tokens.check(text)) is not None
    front.clock.forward(days=1)
    assert await tokens.check(text) is None
    assert (await replace(program, token=text).ask("GET", "/queues"))[0] == 401
    assert token.id in {each.id for each in await tokens.every()}
    assert text not in repr(await tokens.every())


async def test_what_breaks_on_our_side_is_a_problem_with_a_number_that_stands_in_the_log(
    program: Program, front: Shopfront
) -> None:
    async with without_table(front.engine, "tickets"):
        with capture_logs() as logs:
            status, problem = await program.ask("GET", "/tickets")
    [told] = [each for each in logs if each["event"] == "api.failed"]
    assert (status, problem["status"]) == (500, 500)
    assert told["number"] in problem["detail"]

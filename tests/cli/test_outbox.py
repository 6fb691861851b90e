"""Are failed sends shown without their words, retried only where asked, and turns explained?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.bootstrap import HANDOFF_TABLES
from bot.domain import Address, ChannelKind, Inbound, MessageKind, Sender
from bot.store.serial import inbound_to_json
from bot.store.tables import addresses, conversations, inbox, outbox, turns
from tests.cli.shop import CommandShop

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
WHO = {"account": "corp", "inbox": "wk1", "customer": "wm1"}
ASKED, SAID = "我的秘密地址是哪里", "您的秘密答案"


async def fill(engine: AsyncEngine) -> None:
    """One turn of conversation 1 that was handed over; effects 1 sent, 2 dead, 3 uncertain."""
    message = Inbound(
        Address("corp", "wk1", "wm1"), ChannelKind.WECOM_KF, "m1", MessageKind.TEXT, Sender.CUSTOMER, AT, text=ASKED
    )
    rows: list[tuple[Any, dict[str, object]]] = [
        (addresses, {"id": 1, "ready_at": AT, **WHO}),
        (
            inbox,
            {
                "id": 1, "account": "corp", "message_id": "m1", "address_id": 1, "body": inbound_to_json(message),
                "sent_at": AT, "received_at": AT, "state": "done",
            },
        ),
        (
            conversations,
            {"id": 1, "address_id": 1, "channel": "wecom_kf", "opened_at": AT, "updated_at": AT, **WHO},
        ),
        (
            turns,
            {
                "id": 1, "conversation_id": 1, "inbox_id": 1, "author": "customer", "decision": "handed_over",
                "reason": "asked_for_person", "created_at": AT,
                "explanation": {
                    "intent": "ask_human", "rule": "其余给售后", "signals": ["asked_for_person"],
                    "ranking": [["ask_human", 0.97]],
                    "passages": [
                        {
                            "script": "invoice", "question": "能开发票吗", "probability": 0.1, "answer_above": 0.8,
                            "ask_above": 0.3, "fate": "refused: too improbable", "costs_of": ["category 发票"],
                            "costs": {"wrong_answer": 3.0, "ask_back": 0.3, "handover": 1.0},
                            "features": {"dense": 0.71, "exact": 0.0, "characters": -1.5, "words": 0.01},
                        }
                    ],
                    "parts": [{"span": [0, 3], "rule": "问发票"}, {"span": [3, 9], "rule": "要人工"}],
                },
            },
        ),
        (
            HANDOFF_TABLES.assignment_log,
            {
                "conversation_id": 1, "version": 2, "from_owner": "bot", "to_owner": "queue", "team": "aftersale",
                "cause": "handed_over", "candidates": [], "exclusions": {"limei": "busy"}, "reason": "无人空闲",
                "at": AT,
            },
        ),
    ]  # fmt: skip
    for number, state in enumerate(("sent", "dead", "uncertain"), start=1):
        effect = {
            "id": number, "msgid": f"msg{number}", "kind": "send", "account": "corp", "address_id": 1, "turn_id": 1,
            "conversation_id": 1, "speaker": "bot", "payload": {"content": {"kind": "text", "text": SAID}},
            "state": state, "attempts": 8, "next_at": AT, "created_at": AT, "error": "errcode 95001",
            "advice": "等客户再说",
        }  # fmt: skip
        rows.append((outbox, effect))
    async with engine.begin() as connection:
        for table, values in rows:
            await connection.execute(insert(table).values(**values))


async def states(engine: AsyncEngine) -> list[tuple[str, int]]:
    async with engine.connect() as connection:
        rows = await connection.execute(select(outbox.c.state, outbox.c.attempts).order_by(outbox.c.id))
        return [(row.state, row.attempts) for row in rows]


@pytest.fixture
def filled(migrated_shop: CommandShop) -> CommandShop:
    migrated_shop.in_database(fill)
    return migrated_shop


def test_failed_sends_are_listed_without_their_words(filled: CommandShop) -> None:
    listed = filled.ok("outbox", "list", "--json")
    assert [(each["id"], each["state"]) for each in listed.json] == [(3, "uncertain"), (2, "dead")]
    assert listed.json[1]["advice"] == "等客户再说"
    assert SAID not in listed.out + filled.ok("outbox", "list").out
    assert SAID in filled.ok("outbox", "list", "--show-text").out
    assert [each["text"] for each in filled.ok("outbox", "list", "--show-text", "--json").json] == [SAID, SAID]


def test_states_can_be_chosen(filled: CommandShop) -> None:
    listed = filled.ok("outbox", "list", "--state", "sent", "--state", "dead", "--json").json
    assert [each["id"] for each in listed] == [2, 1]
    assert len(filled.ok("outbox", "list", "--state", "all", "--json").json) == 3
    assert filled.ok("outbox", "list", "--state", "pending").out == "none (pending)\n"
    assert "no such state" in filled.refused("outbox", "list", "--state", "lost")


def test_every_dead_one_is_retried_from_the_start(filled: CommandShop) -> None:
    assert "retrying 1: 2" in filled.ok("outbox", "retry", "--all-dead").out
    assert filled.in_database(states) == [("sent", 8), ("pending", 0), ("uncertain", 8)]
    assert filled.ok("outbox", "retry", "--all-dead").out == "none\n"


def test_an_uncertain_one_is_retried_only_with_yes(filled: CommandShop) -> None:
    assert "--yes" in filled.refused("outbox", "retry", "2", "3")
    assert filled.in_database(states) == [("sent", 8), ("dead", 8), ("uncertain", 8)]
    filled.ok("outbox", "retry", "2", "3", "--yes")
    assert filled.in_database(states) == [("sent", 8), ("pending", 0), ("pending", 0)]


def test_what_cannot_be_retried_is_named(filled: CommandShop) -> None:
    error = filled.refused("outbox", "retry", "1", "9", "--yes")
    assert "1: is sent" in error
    assert "9: no such id" in error
    assert "name the ids" in filled.refused("outbox", "retry")
    assert "name the ids" in filled.refused("outbox", "retry", "2", "--all-dead")


def test_a_turn_is_explained_with_what_followed(filled: CommandShop) -> None:
    ran = filled.ok("explain", "1", "--json")
    told = ran.json
    assert (told["decision"], told["reason"]) == ("handed_over", "asked_for_person")
    assert told["explanation"]["rule"] == "其余给售后"
    assert [(each["id"], each["state"]) for each in told["outbox"]] == [(1, "sent"), (2, "dead"), (3, "uncertain")]
    assert [(each["to"], each["exclusions"]) for each in told["assignments"]] == [("queue", {"limei": "busy"})]
    shown = filled.ok("explain", "1").out
    assert "其余给售后" in shown
    assert "not limei: busy" in shown
    for words in (ASKED, SAID):
        assert words not in ran.out + shown
        assert words in filled.ok("explain", "1", "--show-text").out
        assert words in filled.ok("explain", "1", "--show-text", "--json").out


def test_why_a_script_was_refused_is_told_with_the_costs_in_force(filled: CommandShop) -> None:
    shown = filled.ok("explain", "1").out
    for words in (
        "refused: too improbable",
        "said from 0.80, offered from 0.30",
        "costs of category 发票: wrong_answer 3, ask_back 0.3, handover 1",
        "characters -1.50, dense 0.71",
        "question 2 of 2",
        "要人工",
    ):
        assert words in shown


def test_messages_that_were_read_together_point_to_each_other(filled: CommandShop) -> None:
    async def join(engine: AsyncEngine) -> None:
        joined = {"id": 2, "conversation_id": 1, "author": "customer", "decision": "joined", "created_at": AT}
        async with engine.begin() as connection:
            await connection.execute(insert(turns).values(**joined, joined_into=1))

    filled.in_database(join)
    assert "see turn 1" in filled.ok("explain", "2").out
    assert "read together with the messages of turn 2" in filled.ok("explain", "1").out
    assert filled.ok("explain", "2", "--json").json["joined_into"] == 1
    assert filled.ok("explain", "1", "--json").json["bubbles"] == [2]


def test_a_turn_that_is_not_there_is_named(filled: CommandShop) -> None:
    assert "no turn 7; the newest is 1" in filled.refused("explain", "7")

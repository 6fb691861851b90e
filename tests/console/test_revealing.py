"""Is a number masked until somebody who may asks with a reason, and is that written down?"""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.access import Wanted
from bot.bootstrap import HANDOFF_TABLES
from bot.console.revealing import is_private, masked
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront

PHONE = "13812345678"


@pytest.fixture
async def ticket(front: Shopfront) -> int:
    """She left her number."""
    made = await front.hand_over(1)
    async with front.engine.begin() as connection:
        table = HANDOFF_TABLES.tickets
        summary = {"asked": "退款", "tried": [], "collected": {"order_no": "D123", "phone": PHONE}}
        await connection.execute(update(table).where(table.c.id == made.id).values(summary=summary))
    return made.id


async def test_a_number_is_masked_and_revealed_with_a_reason(sign_in: SignIn, front: Shopfront, ticket: int) -> None:
    browser = await sign_in("limei")
    page = await browser.get(f"/console/tickets/{ticket}")
    assert PHONE not in page.html
    assert "····5678" in page.text
    assert "D123" in page.text
    path = f"/console/tickets/{ticket}/reveal"
    assert path in page.forms()
    for reason in ("", " 嗯 "):
        refused = await browser.submit(path, field="phone", reason=reason)
        assert (refused.status, PHONE in refused.html) == (422, False)
    shown = await browser.submit(path, field="phone", reason="回拨给客户")
    assert PHONE in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    (row,) = await front.access.log.page(Wanted(action="field_revealed"), limit=9)
    assert (row.who, row.object, row.reason) == ("limei", f"ticket:{ticket}#phone", "回拨给客户")
    assert PHONE not in (await browser.get(f"/console/tickets/{ticket}")).html


async def test_whoever_may_not_sees_no_form_and_gets_nothing(sign_in: SignIn, front: Shopfront, ticket: int) -> None:
    browser = await sign_in("wangfang")  # an agent
    page = await browser.get(f"/console/tickets/{ticket}")
    path = f"/console/tickets/{ticket}/reveal"
    assert path not in page.forms()
    refused = await browser.submit(path, field="phone", reason="回拨给客户")
    assert (refused.status, PHONE in refused.html) == (403, False)


async def test_a_lead_of_another_team_reveals_nothing(sign_in: SignIn, front: Shopfront, ticket: int) -> None:
    front.appoint("chenjing", "presale")
    browser = await sign_in("chenjing")
    refused = await browser.submit(f"/console/tickets/{ticket}/reveal", field="phone", reason="回拨给客户")
    assert (refused.status, PHONE in refused.html) == (403, False)
    assert await front.access.log.page(Wanted(action="field_revealed"), limit=9) == []


async def test_only_private_fields_are_revealed(sign_in: SignIn, ticket: int) -> None:
    browser = await sign_in("limei")
    for field in ("order_no", "nonsense", ""):
        page = await browser.submit(f"/console/tickets/{ticket}/reveal", field=field, reason="回拨给客户")
        assert page.status == 400


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("phone", PHONE, "····5678"),
        ("phone", "1234", "····"),
        ("customer", "oABCDEFGH1234", "····1234"),
        ("note", f"打 {PHONE} 找我", "打 〔电话〕 找我"),
    ],
)
def test_what_is_private_and_how_it_looks(name: str, value: str, shown: str) -> None:
    assert is_private(name, value)
    assert masked(value) == shown


def test_an_order_number_is_what_agents_work_with() -> None:
    assert not is_private("order_no", "D20260301001")

"""Who is this customer, and do we know her from another account? Joined by unionid where the platform tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from bot.delivery.outcome import Also, Outcome, Sent, outcome_of
from bot.domain import ChannelKind
from bot.platform import PlatformClient, PlatformError
from bot.platform.calls import kf
from bot.platform.calls import official_account as oa
from bot.store.dialect import insert_for
from bot.store.tables import customers
from bot.store.views import OutboxItem

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class AskProfile:
    """Delivers PROFILE."""

    platform: PlatformClient
    now: Callable[[], datetime]

    async def deliver(self, item: OutboxItem) -> Outcome:
        """Ask the platform and keep what it says."""
        customer = item.address.customer
        is_kf = bool(item.address.inbox)
        call = kf.customer_batchget([customer]) if is_kf else oa.user_info(customer)
        try:
            reply = await self.platform.call(item.address.account, call)
        except PlatformError as error:
            return outcome_of(error, repeatable=True)
        profile = _first(reply.get("customer_list")) if is_kf else reply
        channel = ChannelKind.WECOM_KF if is_kf else ChannelKind.OFFICIAL_ACCOUNT
        return Sent(also=self._keep(item, channel, profile))

    def _keep(self, item: OutboxItem, channel: ChannelKind, profile: Mapping[str, Any]) -> Also:
        async def also(connection: AsyncConnection) -> None:
            await remember_customer(
                connection, item.address.account, item.address.customer, channel, profile, at=self.now()
            )

        return also


async def remember_customer(
    connection: AsyncConnection,
    account: str,
    customer: str,
    channel: ChannelKind,
    profile: Mapping[str, Any],
    *,
    at: datetime,
) -> None:
    """Insert or update a customer; rows with the same unionid get the same person_id (the smallest id)."""
    unionid = str(profile.get("unionid") or "") or None
    values = {
        "nickname": str(profile.get("nickname") or profile.get("remark") or "")[:128],
        "profile": {name: value for name, value in profile.items() if name not in {"errcode", "errmsg"}},
        "fetched_at": at,
    }
    row = {"account": account, "customer": customer, "channel": channel.value, "created_at": at, **values}
    upsert = (
        insert_for(connection, customers)
        .values(**row, unionid=unionid)
        .on_conflict_do_update(
            index_elements=["account", "customer"],
            set_={**values, "unionid": func.coalesce(unionid, customers.c.unionid)},
        )
        .returning(customers.c.id, customers.c.unionid)
    )
    stored = (await connection.execute(upsert)).one()
    if stored.unionid is None:
        return
    first = select(func.min(customers.c.id)).where(customers.c.unionid == stored.unionid).scalar_subquery()
    await connection.execute(update(customers).where(customers.c.unionid == stored.unionid).values(person_id=first))


def _first(listed: object) -> Mapping[str, Any]:
    return listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}

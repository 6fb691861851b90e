"""How is each account served? Settings, and what only the platform could tell us at run time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import structlog
from sqlalchemy import select
from typing_extensions import override

from bot.delivery.send import NO_SENDING_API, learn
from bot.domain import ChannelKind
from bot.platform import ApiError, PlatformClient, PlatformError
from bot.platform.calls import official_account as oa
from bot.settings import Account, OfficialAccount, WeComCorp
from bot.speech import AccountPlan
from bot.store.engine import read_only
from bot.store.tables import account_facts

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

_log = structlog.get_logger()
NOBODY = "xiaoer-probe"  # no openid: an account with the API answers 40003, one without it 48001


class Plans(Mapping[tuple[str, ChannelKind], AccountPlan]):
    """The plan of each (account, channel); read like a dict, refreshed in the background."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        self._accounts = accounts
        self._no_api: frozenset[str] = frozenset()
        self._plans = self._make()

    @override
    def __getitem__(self, key: tuple[str, ChannelKind]) -> AccountPlan:
        return self._plans[key]

    @override
    def __iter__(self) -> Iterator[tuple[str, ChannelKind]]:
        return iter(self._plans)

    @override
    def __len__(self) -> int:
        return len(self._plans)

    async def refresh(self, engine: AsyncEngine) -> None:
        """Read what was learned about the accounts, by this process or another."""
        async with read_only(engine).connect() as connection:
            rows = await connection.execute(
                select(account_facts.c.account).where(
                    account_facts.c.fact == "sending_api", account_facts.c.value == "no"
                )
            )
            self._no_api = frozenset(rows.scalars())
        self._plans = self._make()

    async def probe(self, engine: AsyncEngine, platform: PlatformClient, now: datetime) -> None:
        """Ask, for every `auto` account, whether it may use the sending API."""
        for account in self._accounts:
            if not isinstance(account, OfficialAccount) or account.answering != "auto":
                continue
            try:
                await platform.call(account.name, oa.typing(NOBODY))
            except ApiError as error:
                may = "no" if error.code == NO_SENDING_API else "yes"
                async with engine.begin() as connection:
                    await learn(connection, account.name, "sending_api", may, now)
            except PlatformError as error:
                _log.warning("plans.probe_failed", account=account.name, error=error.outcome)
        await self.refresh(engine)

    def _make(self) -> dict[tuple[str, ChannelKind], AccountPlan]:
        corps = [each.name for each in self._accounts if isinstance(each, WeComCorp)]
        cards_via = corps[0] if corps else ""
        plans: dict[tuple[str, ChannelKind], AccountPlan] = {}
        for account in self._accounts:
            match account:
                case OfficialAccount(name=name):
                    kind = ChannelKind.OFFICIAL_ACCOUNT
                    plans[name, kind] = AccountPlan(name, kind, self._answering(account), "console", cards_via)
                case WeComCorp(name=name, handoff=handoff):
                    for kind in (ChannelKind.WECOM, ChannelKind.WECOM_KF):
                        plans[name, kind] = AccountPlan(name, kind, "active", handoff, name)
        return plans

    def _answering(self, account: OfficialAccount) -> Literal["active", "inline"]:
        match account.answering:
            case "active":
                return "active"
            case "passive":
                return "inline"
            case "auto":
                return "inline" if account.name in self._no_api else "active"

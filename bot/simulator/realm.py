"""What is the state of the whole platform? Everything the endpoints, the actions and the pages share."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import aiohttp

from bot.simulator.callbacks import Callback, Postman
from bot.simulator.corp import AgentApp, Corp
from bot.simulator.errors import NotPossible
from bot.simulator.faults import Faults
from bot.simulator.ids import Ids
from bot.simulator.kf_account import KfAccount
from bot.simulator.limits import Limits
from bot.simulator.media import MediaStore
from bot.simulator.official import OfficialAccount
from bot.simulator.people import Customer
from bot.simulator.stream import Stream
from bot.simulator.threads import Line, Speaker, Threads
from bot.simulator.tokens import TokenOffice

Now = Callable[[], datetime]
Sleep = Callable[[float], Awaitable[None]]


class Realm:
    """State in memory. It stands still until `connect` gives it a clock and a way to send callbacks."""

    def __init__(self, *, seed: int = 0, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.ids = Ids(seed)
        self.officials: dict[str, OfficialAccount] = {}
        self.corps: dict[str, Corp] = {}
        self.customers: dict[str, Customer] = {}
        self.tokens = TokenOffice(self.ids, self.limits)
        self.media = MediaStore(self.ids, self.limits)
        self.threads = Threads()
        self.faults = Faults()
        self.stream = Stream()
        self.calls: Counter[tuple[str, int]] = Counter()
        self._by_ref: dict[str, Customer] = {}
        self._clock: Now | None = None
        self._sleep: Sleep = asyncio.sleep
        self._postman: Postman | None = None

    def connect(self, *, session: aiohttp.ClientSession | None, now: Now, sleep: Sleep) -> None:
        """Start the clock; with a session, callbacks are delivered."""
        self._clock, self._sleep = now, sleep
        self._postman = Postman(session, sleep, self.limits, self.faults) if session is not None else None

    def now(self) -> datetime:
        """The platform's time. Raises NotPossible while the world stands still."""
        if self._clock is None:
            raise NotPossible("the world stands still: create_simulator(world, …) starts it")
        return self._clock()

    async def sleep(self, seconds: float) -> None:
        """Wait, by the injected clock."""
        await self._sleep(seconds)

    @property
    def postman(self) -> Postman:
        """Who delivers the callbacks. Raises NotPossible while nothing is connected."""
        if self._postman is None:
            raise NotPossible("no session connected: create_simulator(world, session=…) brings one")
        return self._postman

    def deliver(self, callback: Callback) -> None:
        """Send a callback in the background (nowhere, where the world runs without a session)."""
        if self._postman is not None:
            self._postman.deliver(callback)

    async def settled(self) -> None:
        """Wait until all callbacks under way are delivered or given up."""
        await self.postman.settled()

    async def close(self) -> None:
        """Stop background work."""
        if self._postman is not None:
            await self._postman.close()

    def add_official(self, account: OfficialAccount) -> OfficialAccount:
        """Let an official account exist."""
        self.officials[account.name] = account
        return account

    def add_corp(self, corp: Corp) -> Corp:
        """Let a corp exist."""
        self.corps[corp.name] = corp
        return corp

    def add_customer(self, key: str, nickname: str = "", *, gender: int = 0, with_unionid: bool = True) -> Customer:
        """Let a customer exist, under fresh ids; `key` is any short name."""
        openid, external = self.ids.fresh("o", 27), self.ids.fresh("wm", 30)
        unionid = self.ids.fresh("oU", 26) if with_unionid else ""
        customer = Customer(key, nickname or key, openid, external, unionid, gender)
        self.customers[key] = customer
        self._by_ref.update({key: customer, openid: customer, external: customer})
        return customer

    def customer(self, ref: str | Customer) -> Customer:
        """By key, openid or external_userid. Raises NotPossible."""
        if isinstance(ref, Customer):
            return ref
        if ref not in self._by_ref:
            raise NotPossible(f"no customer {ref!r}")
        return self._by_ref[ref]

    def knows(self, ref: str) -> Customer | None:
        """By key, openid or external_userid; None where nobody has that id."""
        return self._by_ref.get(ref)

    def official(self, name: str) -> OfficialAccount:
        """By name. Raises NotPossible."""
        if name not in self.officials:
            raise NotPossible(f"no official account {name!r}")
        return self.officials[name]

    def kf(self, open_kfid: str) -> tuple[Corp, KfAccount]:
        """A kf account and its corp. Raises NotPossible."""
        for corp in self.corps.values():
            if open_kfid in corp.kf:
                return corp, corp.kf[open_kfid]
        raise NotPossible(f"no kf account {open_kfid!r}")

    def corp_by_id(self, corp_id: str) -> Corp | None:
        """By corp_id."""
        return next((corp for corp in self.corps.values() if corp.corp_id == corp_id), None)

    def official_by_id(self, app_id: str) -> OfficialAccount | None:
        """By app_id."""
        return next((account for account in self.officials.values() if account.app_id == app_id), None)

    @staticmethod
    def app_of(corp: Corp, secret: str) -> AgentApp | None:
        """The corp's app with this secret."""
        return next((app for app in corp.apps.values() if app.secret == secret), None)

    def say(
        self,
        place: str,
        customer: Customer,
        *,
        speaker: Speaker,
        msgtype: str,
        body: Mapping[str, object],
        line_id: str,
        name: str = "",
    ) -> Line:
        """Put a bubble on the screens."""
        line = Line(line_id, self.now(), place, customer.key, speaker, name, msgtype, body)
        self.threads.add(line)
        self.changed(place, customer.key)
        return line

    def changed(self, place: str, customer: str = "") -> None:
        """Tell the open pages to read this thread again."""
        self.stream.publish({"place": place, "customer": customer})

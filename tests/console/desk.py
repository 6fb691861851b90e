"""A shop with a real workbench: two teams, three agents, conversations put in by the store's own tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import numpy as np
from aiohttp import ClientSession
from argon2 import PasswordHasher
from numpy.typing import NDArray
from pydantic import SecretStr
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from archive import Entry, Voice
from archive.analysis import Results
from archive.consent import Party
from archive.tagging import EvidenceReader, TagStore, TagTrials, TagWatch, nothing_known
from bot.access import Actor, Audit, Passwords, Person, Role, Way, WeComApp, build_access
from bot.account_desk import AccountDesk
from bot.api import Hooks, Tokens
from bot.archive_settings import ConsentSettings
from bot.bootstrap import ARCHIVE_TABLES, HANDOFF_TABLES, SCRIPT_TABLES, nothing_happens, open_archive
from bot.channels import channel_for
from bot.consenting import build_consents
from bot.console import Console
from bot.console_settings import ConsoleSettings
from bot.content.applying import ContentStore
from bot.content.shop import Shop
from bot.desk_side import Ground, build_desk_side
from bot.desk_window import build_desk_window
from bot.domain import ChannelKind
from bot.js_signing import JsSigner
from bot.mind import Mind
from bot.phrases import default_phrases
from bot.plans import Plans
from bot.platform import PlatformError, TicketKind, Usage
from bot.rulebook import Rulebook
from bot.settings import LimitSettings, OfficialAccount, ServerSettings, Settings, SurveySettings, WeComCorp
from bot.sidebar import Sidebar
from bot.speech import Speech
from bot.store.tables import addresses, conversations, customers, outbox
from bot.studio import build_studio
from bot.supervision import build_supervision
from bot.tagging.catalogue import TagCatalogue
from bot.tagging.desk import TagDesk
from bot.wakeups import Wakeups
from bot.wall import Wall
from bot.wall_side import WallSide
from bot.watching import Watching
from bot.workbench import Workbench
from handoff import AgentStatus, Desk, NewTicket, Summary, Ticket, Verdict
from knowledge_base import KnowledgeBase, Library
from tests.archive.analysis.ground import Trial
from tests.archive_keys import TEST_RING
from tests.console.minds import spelt_minds
from tests.handoff.policies import sample_policy

START = datetime(2026, 3, 1, 6, 20, tzinfo=UTC)  # 14:20 in Shanghai
SHANGHAI = ZoneInfo("Asia/Shanghai")
SECRET = b"a secret of the tests, 32 bytes or more"
PHRASES = default_phrases()
KEY = SecretStr("a" * 43)
ACCOUNTS = (
    OfficialAccount(
        kind="official_account",
        name="shop",
        app_id="wx1",
        app_secret=SecretStr("s"),
        token=SecretStr("token"),
        encoding_aes_key=KEY,
        answering="active",
    ),
    WeComCorp(
        kind="wecom",
        name="corp",
        corp_id="ww1",
        agent_id=1,
        secret=SecretStr("s"),
        token=SecretStr("token"),
        encoding_aes_key=KEY,
        handoff="client",
    ),
)


def _one_direction(texts: Sequence[str]) -> NDArray[np.float32]:
    """Every text means the same: what is found is found by its letters."""
    return np.eye(1, 4, dtype=np.float32).repeat(len(texts), axis=0)


@dataclass
class Clock:
    """Time that only moves when told to."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class JsTickets:
    """Tickets as WeCom sells them. sold: how many of each kind; fault: what is raised instead."""

    sold: dict[TicketKind, int] = field(default_factory=dict)
    fault: PlatformError | None = None

    async def ticket(self, account: str, kind: TicketKind) -> str:
        if self.fault is not None:
            raise self.fault
        return f"{account}-{kind}-{self.sold.setdefault(kind, 1)}"

    async def renewed(self, account: str, kind: TicketKind) -> str:
        self.sold[kind] = self.sold.get(kind, 1) + 1
        return await self.ticket(account, kind)


@dataclass
class Shopfront:
    """The workbench over one database, and what tests put into it."""

    engine: AsyncEngine
    public_url: str = "http://127.0.0.1:8080"
    clock: Clock = field(default_factory=Clock)
    wakeups: Wakeups = field(default_factory=lambda: Wakeups(None))
    health: dict[str, object] = field(default_factory=dict)  # what the probes would say
    folder: Path = Path("no such folder")
    js_tickets: JsTickets = field(default_factory=JsTickets)

    def __post_init__(self) -> None:
        plans, self.audit = Plans(ACCOUNTS), Audit(SECRET, self.clock)
        self.knowledge = KnowledgeBase(encode=_one_direction, encoder="one")
        self.shop = Shop(
            name="花田小铺",
            timezone=SHANGHAI,
            phrases=PHRASES,
            small_talk={},
            policy=sample_policy(),
        )

        def mind() -> Mind:
            return cast("Mind", SimpleNamespace(shop=self.shop, knowledge=self.knowledge))

        channels = {(account.name, each.kind): each for account in ACCOUNTS for each in channel_for(account, 300)}
        self.archive = open_archive(TEST_RING, self.clock)
        self.desk = Desk(HANDOFF_TABLES, conversations, self.clock, lambda: self.shop.policy)
        speech = Speech(channels, LimitSettings())
        settings = Settings(server=ServerSettings(base_url=self.public_url), survey=SurveySettings(enabled=False))
        ground = Ground(HANDOFF_TABLES, mind, plans, self.clock)
        consents = build_consents(ARCHIVE_TABLES.consent, self.archive.vault, ConsentSettings(), self.clock)
        side = build_desk_side(
            ground, settings, engine=self.engine, desk=self.desk, record=self.archive, consents=consents, speech=speech
        )
        self.clocks = side.clocks
        self.tags = TagDesk(
            TagStore(ARCHIVE_TABLES.tags),
            TagWatch(ARCHIVE_TABLES.tags),
            None,
            TagCatalogue(self.engine, self.clock),
            lambda: self.shop.tags,
            timedelta(0),
            self.clock,
        )
        self.minds = spelt_minds(self.engine, self.desk, self.folder, self.clock)
        workbench = Workbench(
            engine=self.engine,
            handover=side.handover,
            endings=side.endings,
            cards=side.cards,
            clicks=side.clicks,
            archive=self.archive,
            speech=speech,
            mind=mind,
            plans=plans,
            wakeups=self.wakeups,
            now=self.clock,
            reached=nothing_happens,
        )
        self.access = build_access(
            self.engine,
            ConsoleSettings(),
            self.audit,
            wecom=None,
            passwords=Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
        )
        window = build_desk_window(
            workbench,
            side.survey,
            self.tags,
            tables=ARCHIVE_TABLES,
            handoff=HANDOFF_TABLES,
            limits=settings.limits,
            redis=None,
        )
        self.console = Console(
            workbench=workbench,
            tickets=window.tickets,
            window=window,
            wall_side=self._wall_side(workbench),
            wakeups=self.wakeups,
            secret=SECRET,
            now=self.clock,
            shop_name=lambda: self.shop.name,
            public_url=self.public_url,
            agent_names=lambda: {each.id: each.name for each in self.shop.policy.agents},
            team_names=lambda: {each.id: each.name for each in self.shop.policy.teams},
            supervisors=lambda: {each.id: each.supervisors for each in self.shop.policy.teams},
            say=self.shop.phrases.say,
            tz=SHANGHAI,
            studio=build_studio(self.minds, SCRIPT_TABLES, self.wakeups, self.audit),
            tokens=Tokens(self.engine, self.audit, self.clock),
            hooks=Hooks(self.engine, self.audit, SECRET, self.clock),
            access=self.access,
            supervision=build_supervision(
                Trial(self.engine, self.archive).ground(),
                tables=ARCHIVE_TABLES,
                handoff=HANDOFF_TABLES,
                consents=build_consents(ARCHIVE_TABLES.consent, self.archive.vault, ConsentSettings(), self.clock),
                shop=lambda: self.shop,
                audit=self.audit,
                now=self.clock,
            ),
            sidebar=Sidebar(
                {"corp": WeComApp("corp", "ww1", 1)},
                JsSigner(self.js_tickets, f"{self.public_url}/console/sidebar", self.clock),
            ),
        )

    def _wall_side(self, workbench: Workbench) -> WallSide:
        results = Results(ARCHIVE_TABLES.analysis.results, self.archive)

        async def may(connection: AsyncConnection, parties: Collection[Party]) -> Collection[Party]:
            del connection
            return parties

        reader = EvidenceReader(ARCHIVE_TABLES.entries, ARCHIVE_TABLES.analysis.sessions, results, nothing_known, may)
        content = ContentStore(Library(SCRIPT_TABLES), self.desk)

        async def health() -> Mapping[str, object]:
            return self.health

        async def usage() -> tuple[Usage, ...]:
            return (Usage("shop", "message/custom/send", 4500, 0.25, 0.0, 12, 1),)

        return WallSide(
            wall=Wall(self.engine, self.desk, self.archive, self.clock, lambda: SHANGHAI),
            watching=Watching(workbench, self.access.audit),
            rules=Rulebook(
                self.engine,
                content,
                HANDOFF_TABLES,
                TagTrials(reader, TagStore(ARCHIVE_TABLES.tags)),
                lambda: self.shop,
                lambda: {"ask_human": "找人工"},
                self.access.audit,
                self.wakeups,
                self.clock,
            ),
            accounts=AccountDesk(
                Settings(accounts=()), self.engine, ClientSession, health, usage, self.wakeups, self.clock
            ),
        )

    def appoint(self, agent: str, team: str) -> None:
        """The policy now names this agent as the supervisor of this team."""
        policy = self.shop.policy
        teams = [replace(each, supervisors=(agent,)) if each.id == team else each for each in policy.teams]
        self.shop = replace(self.shop, policy=replace(policy, teams=tuple(teams)))

    async def open_doors(self) -> None:
        """Everybody comes to work."""
        async with self.engine.begin() as connection:
            await self.desk.apply_policy(connection, self.shop.policy)
            for agent in self.shop.policy.agents:
                await self.desk.set_status(connection, agent.id, AgentStatus.READY, by=agent.id)
        # 李梅 has a row that says what the policy would say, and may write content besides
        await self.admit("limei", Role.AGENT, Role.LEAD, Role.SUPERVISOR, Role.OPERATOR, agent="limei", name="李梅")

    async def admit(self, person_id: str, *roles: Role, agent: str | None = None, **more: Any) -> Person:
        """Somebody may sign in as this id, with these roles."""
        person = Person(person_id, more.pop("name", person_id), frozenset(roles), agent, **more)
        agents = {each.id for each in self.shop.policy.agents}
        await self.access.administration.add(person, agents=agents, by=Actor("tests"))
        return person

    async def session(self, person_id: str) -> str:
        """The cookie of somebody who is signed in."""
        return await self.access.sessions.open(person_id, Way.LINK, address="127.0.0.1")

    async def hand_over(
        self,
        number: int,
        *,
        team: str = "aftersale",
        says: str = "为什么还没退款",
        channel: ChannelKind = ChannelKind.OFFICIAL_ACCOUNT,
        sends_left: int = 3,
        nickname: str = "",
        priority: int = 3,
        reason: str = "asked_for_person",
        rule: str = "其余给售后",
        facts: Mapping[str, object] | None = None,
    ) -> Ticket:
        """A customer said something, the bot handed over; conversation `number` waits."""
        await self.write(number, says, channel=channel, sends_left=sends_left, nickname=nickname)
        verdict = Verdict(hand_over=True, reason=reason, signals=(reason,), team=team, priority=priority, rule=rule)
        return await self._open(number, version=1, verdict=verdict, asked=says, facts=facts)

    async def write(
        self,
        number: int,
        says: str,
        *,
        channel: ChannelKind = ChannelKind.OFFICIAL_ACCOUNT,
        sends_left: int = 3,
        nickname: str = "",
        profile: Mapping[str, object] | None = None,
    ) -> None:
        """A customer said something to the bot; conversation `number` is its."""
        account = "shop" if channel is ChannelKind.OFFICIAL_ACCOUNT else "corp"
        who = {"account": account, "inbox": "", "customer": f"customer-{number}"}
        now = self.clock()
        async with self.engine.begin() as connection:
            await connection.execute(
                insert(addresses).values(
                    id=number, ready_at=now, sends_left=sends_left, window_ends_at=now + timedelta(hours=48), **who
                )
            )
            row = {"id": number, "address_id": number, "channel": channel.value, "opened_at": now, "updated_at": now}
            await connection.execute(insert(conversations).values(**row, **who))
            if nickname:
                known = {"account": account, "customer": who["customer"], "channel": channel.value, "profile": profile}
                await connection.execute(insert(customers).values(nickname=nickname, created_at=now, **known))
        await self.said(number, Voice.CUSTOMER, says, account=account)

    async def hand_over_again(self, number: int) -> Ticket:
        """The customer came back to the bot, and asks for a person once more."""
        verdict = Verdict(hand_over=True, reason="complaint", signals=(), team="aftersale", priority=1, rule="")
        version = (await self.conversation(number))["version"]
        return await self._open(number, version=version, verdict=verdict, asked="怎么又没人了")

    async def lose(self, number: int, text: str, *, advice: str) -> None:
        """The platform refused these words for good."""
        async with self.engine.begin() as connection:
            rows = (await connection.execute(select(outbox).where(outbox.c.conversation_id == number))).all()
            row = next(row for row in rows if row.payload["content"]["text"] == text)
            await connection.execute(
                update(outbox).where(outbox.c.id == row.id).values(state="dead", error="errcode 1", advice=advice)
            )

    async def spend(self, number: int, *, sends_left: int) -> None:
        """Words have left: this many may follow."""
        async with self.engine.begin() as connection:
            await connection.execute(update(addresses).where(addresses.c.id == number).values(sends_left=sends_left))

    async def _open(
        self, number: int, *, version: int, verdict: Verdict, asked: str, facts: Mapping[str, object] | None = None
    ) -> Ticket:
        async with self.engine.begin() as connection:
            row = (await connection.execute(select(conversations).where(conversations.c.id == number))).one()
            ticket = await self.desk.open_ticket(
                connection,
                NewTicket(
                    conversation_id=number,
                    expected_version=version,
                    account=row.account,
                    channel=row.channel,
                    customer=row.customer,
                    verdict=verdict,
                    summary=Summary(asked=asked, tried=("退款多久到账",), collected={"order_no": "D123"}),
                    facts=facts,
                ),
            )
        assert isinstance(ticket, Ticket)
        return ticket

    async def said(self, number: int, voice: Voice, text: str, **more: Any) -> None:
        """One more line of the transcript, now."""
        async with self.engine.begin() as connection:
            count = len(await self.archive.transcript(connection, number))
            entry = Entry(
                source="test",
                source_id=f"{number}-{count}",
                conversation_id=number,
                account=more.pop("account", "shop"),
                customer=f"customer-{number}",
                voice=voice,
                kind=more.pop("kind", "text"),
                at=self.clock(),
                text=text,
                **more,
            )
            await self.archive.append(connection, [entry])

    async def conversation(self, number: int) -> Mapping[str, Any]:
        async with self.engine.connect() as connection:
            found = await connection.execute(select(conversations).where(conversations.c.id == number))
            return dict(found.mappings().one())

    async def sends(self, number: int) -> list[str]:
        """The texts on their way to the customer, in order."""
        async with self.engine.connect() as connection:
            rows = await connection.execute(
                select(outbox.c.payload)
                .where(outbox.c.conversation_id == number, outbox.c.kind == "send")
                .order_by(outbox.c.id)
            )
            return [payload["content"]["text"] for payload in rows.scalars()]

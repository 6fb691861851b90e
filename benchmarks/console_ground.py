"""On what is the console measured? A shop with teams and agents, and conversations that wait or are being served.

Nothing is left empty that a page reads: names, what was said, moods, promises; and the database has its statistics.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr
from ruamel.yaml import YAML
from sqlalchemy import Table, insert, make_url, text, update

from archive import Archive, Entry, Voice
from bot.archive_keys import open_ring
from bot.archive_settings import ArchiveSettings
from bot.bootstrap import ARCHIVE_TABLES, HANDOFF_TABLES, open_archive
from bot.content.pack import read_pack
from bot.settings import (
    ContentSettings,
    DatabaseSettings,
    OfficialAccount,
    ServerSettings,
    Settings,
)
from bot.store.engine import close_store, create_store_engine
from bot.store.tables import addresses, conversations, customers
from handoff import AgentStatus, Desk

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

ACCOUNT, CHANNEL, TEAMS = "shop", "official_account", 4
SERVED = 5  # every fifth conversation has an agent already
AT_ONCE = 500  # conversations a transaction
MOODS = (0.0, -0.6, 0.4, 0.0, 0.1, -0.2, 0.7)
INTENTS = "version: '3.1'\nnlu:\n- intent: ask_human\n  examples: |\n    - 转人工\n    - 我要人工客服\n"
SCRIPT = {
    "id": "invoice", "title": "怎么开发票", "category": ["常见问题"], "stage": "during", "questions": ["怎么开发票"],
    "answers": {"default": "在订单页点申请开票。"},
}  # fmt: skip
ASKED = ("为什么还没退款", "快递三天没动了", "收到的色号不对", "发票怎么还没开", "能不能改收货地址", "赠品少发了一件")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the shop is: as it goes over a pipe. url: of its database. agents, conversations: how many."""

    url: str
    folder: str
    secret: str
    key: str
    agents: int
    conversations: int

    @classmethod
    def new(cls, url: str, folder: Path, *, agents: int, conversations: int) -> Place:
        """One with secrets of its own."""
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        return cls(url, str(folder), secrets.token_urlsafe(48), key, agents, conversations)

    def settings(self) -> Settings:
        """As `xiaoer serve` would read them."""
        account = OfficialAccount(
            kind="official_account", name=ACCOUNT, app_id="wx1", app_secret=SecretStr("unused"),
            token=SecretStr("unused"), encoding_aes_key=SecretStr("a" * 43), answering="active",
        )  # fmt: skip
        return Settings(
            server=ServerSettings(port=0, secret=SecretStr(self.secret)),
            database=DatabaseSettings(url=self.url),
            content=ContentSettings(pack=str(Path(self.folder) / "pack")),
            archive=ArchiveSettings(key="bench", keys={"bench": SecretStr(self.key)}),
            data_dir=Path(self.folder) / "data",
            accounts=(account,),
        )


def agent_id(number: int) -> str:
    """The agent of that number."""
    return f"agent{number:03d}"


def team_of(number: int) -> str:
    """The team of the agent of that number; conversations that wait go round likewise."""
    return f"team{number % TEAMS}"


def server_of(conversation: int, agents: int) -> int | None:
    """Who serves the conversation, None while it waits."""
    return (conversation // SERVED) % agents if conversation % SERVED == 0 else None


def write_pack(place: Place) -> None:
    """The content that the product reads when it starts: the agents, and next to nothing to say."""
    folder = Path(place.folder) / "pack"
    for each in ("intents", "scripts"):
        (folder / each).mkdir(parents=True)
    (folder / "intents" / "all.yml").write_text(INTENTS, encoding="utf-8")
    teams = [{"id": f"team{number}", "name": f"{number + 1}组"} for number in range(TEAMS)]
    capacity = place.conversations // SERVED // place.agents + 5
    agents = [
        {"id": agent_id(number), "name": f"客服{number}", "teams": [team_of(number)], "capacity": capacity}
        for number in range(place.agents)
    ]
    rules = [{"name": "其余", "when": {}, "team": "team0", "priority": 3}]
    contents: dict[str, object] = {
        "pack.yaml": {"name": "bench", "shop": "小小店", "hours": {"opens": "09:00", "closes": "22:00"}},
        "handoff.yaml": {"version": 1, "teams": teams, "agents": agents, "rules": rules},
        "scripts/all.yaml": [SCRIPT],
    }
    for name, content in contents.items():
        with (folder / name).open("w", encoding="utf-8") as out:
            YAML().dump(content, out)


@dataclass(frozen=True, slots=True)
class Store:
    """The shop's database, from outside of the product's process."""

    engine: AsyncEngine
    archive: Archive
    desk: Desk

    @classmethod
    def of(cls, place: Place) -> Store:
        """Open it. The product has made its tables."""
        settings = place.settings()
        policy = read_pack(Path(place.folder) / "pack").shop.policy
        desk = Desk(HANDOFF_TABLES, conversations, _now, lambda: policy)
        return cls(create_store_engine(place.url, 2), open_archive(open_ring(settings), _now), desk)

    async def furnish(self, place: Place) -> None:
        """Everybody is at work; so many conversations are open."""
        now = _now()
        everything = range(1, place.conversations + 1)
        for first in range(0, place.conversations, AT_ONCE):
            numbers = everything[first : first + AT_ONCE]
            async with self.engine.begin() as connection:
                for table, rows in _rows(numbers, place, now):
                    await connection.execute(insert(table), rows)
                await self.archive.append(connection, [each for number in numbers for each in _said(number, now)])
        async with self.engine.begin() as connection:
            await _at_work(connection, place, now)
            await self._count_on(connection)
            await connection.execute(text("ANALYZE"))

    async def says(self, conversation: int, words: str) -> None:
        """One more message of the customer's, as a turn stores it."""
        entry = _entry(conversation, secrets.token_hex(8), Voice.CUSTOMER, words, _now())
        async with self.engine.begin() as connection:
            await self.archive.append(connection, [entry])

    async def moves(self) -> None:
        """In the queue of every team a ticket gets another priority, each time another."""
        async with self.engine.begin() as connection:
            for team in range(TEAMS):
                waiting = await self.desk.waiting(connection, f"team{team}", limit=1)
                for ticket in waiting:
                    priority = 1 + ticket.priority % 4
                    await self.desk.prioritise(connection, ticket.id, priority, by="bench", reason="bench")

    async def aclose(self) -> None:
        """Close it."""
        await close_store(self.engine)

    async def _count_on(self, connection: AsyncConnection) -> None:
        """PostgreSQL's ids were given by us: its own follow them."""
        if make_url(self.engine.url).get_backend_name() != "postgresql":
            return
        for table in (addresses, conversations, HANDOFF_TABLES.tickets):
            count_on = f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}"  # noqa: S608
            await connection.execute(text(count_on))


def _now() -> datetime:
    return datetime.now(UTC)


async def _at_work(connection: AsyncConnection, place: Place, now: datetime) -> None:
    agents = HANDOFF_TABLES.agents
    served = [server_of(number, place.agents) for number in range(1, place.conversations + 1)]
    for number in range(place.agents):
        ready = {"status": AgentStatus.READY.value, "status_at": now, "active": served.count(number)}
        await connection.execute(update(agents).where(agents.c.id == agent_id(number)).values(**ready))


def _rows(numbers: Sequence[int], place: Place, now: datetime) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    """Of each table, what these conversations have there."""
    talks = [_Talk(number, server_of(number, place.agents), now - timedelta(seconds=number)) for number in numbers]
    yield addresses, [each.address() for each in talks]
    yield conversations, [each.conversation() for each in talks]
    yield customers, [each.nickname() for each in talks]
    yield HANDOFF_TABLES.tickets, [each.ticket() for each in talks]
    yield HANDOFF_TABLES.sla_clocks, [each.promise() for each in talks]
    yield ARCHIVE_TABLES.analysis.sessions, [each.session() for each in talks]


@dataclass(frozen=True, slots=True)
class _Talk:
    number: int
    server: int | None
    since: datetime

    @property
    def team(self) -> str:
        return team_of(self.number if self.server is None else self.server)

    @property
    def who(self) -> dict[str, str]:
        return {"account": ACCOUNT, "customer": f"customer-{self.number}"}

    def address(self) -> dict[str, Any]:
        ends = self.since + timedelta(hours=48)
        return {
            "id": self.number,
            "inbox": "",
            "ready_at": self.since,
            "sends_left": 3,
            "window_ends_at": ends,
        } | self.who

    def conversation(self) -> dict[str, Any]:
        return {
            "id": self.number, "address_id": self.number, "inbox": "", "channel": CHANNEL, "team": self.team,
            "owner": "queue" if self.server is None else "agent", "ticket_id": self.number, "version": 2,
            "agent": None if self.server is None else agent_id(self.server),
            "opened_at": self.since, "updated_at": self.since, **self.who,
        }  # fmt: skip

    def nickname(self) -> dict[str, Any]:
        return {"channel": CHANNEL, "nickname": f"顾客{self.number}", "created_at": self.since} | self.who

    def ticket(self) -> dict[str, Any]:
        asked = ASKED[self.number % len(ASKED)]
        return {
            "id": self.number, "conversation_id": self.number, "channel": CHANNEL, "team": self.team,
            "priority": 1 + self.number % 4, "reason": "asked_for_person", "rule": "其余",
            "signals": ["asked_for_person"], "summary": {"asked": asked, "tried": [], "collected": {"order_no": "D1"}},
            "state": "open" if self.server is None else "assigned",
            "agent": None if self.server is None else agent_id(self.server),
            "assigned_at": None if self.server is None else self.since,
            "opened_at": self.since, "queued_at": self.since, **self.who,
        }  # fmt: skip

    def promise(self) -> dict[str, Any]:
        due = self.since + timedelta(hours=1)
        return {
            "ticket_id": self.number, "metric": "first_response", "policy": "usual", "calendar": "",
            "target_ms": 3_600_000, "started_at": self.since, "running_since": self.since,
            "warns_at": due - timedelta(minutes=10), "due_at": due,
        }  # fmt: skip

    def session(self) -> dict[str, Any]:
        mood = MOODS[self.number % len(MOODS)]
        times = {"started_at": self.since, "ended_at": self.since}
        return {"conversation_id": self.number, "messages": 2, "mood_last": mood, **times, **self.who}


def _said(number: int, now: datetime) -> Iterator[Entry]:
    since = now - timedelta(seconds=number)
    yield _entry(number, "1", Voice.CUSTOMER, ASKED[number % len(ASKED)], since)
    yield _entry(number, "2", Voice.BOT, "我请同事来帮您，请稍等。", since)


def _entry(conversation: int, source_id: str, voice: Voice, words: str, at: datetime) -> Entry:
    return Entry(
        source="bench", source_id=f"{conversation}-{source_id}", conversation_id=conversation, account=ACCOUNT,
        customer=f"customer-{conversation}", voice=voice, kind="text", at=at, text=words,
    )  # fmt: skip

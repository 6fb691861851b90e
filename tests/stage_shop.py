"""Which shop is a journey played in? Its clock, its content and its settings, with what a test wants otherwise."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from blockbuster import BlockBuster
from pydantic import SecretStr

from bot.bootstrap import nothing_happens
from bot.content.pack import HANDOFF_FILE, PACK_FILE, Pack
from bot.settings import (
    ArchiveAccess,
    DatabaseSettings,
    NluSettings,
    OfficialAccount,
    RedisSettings,
    ServerSettings,
    Settings,
    SurveySettings,
    WeComCorp,
)
from knowledge_base import Attachment, Snapshot
from nlu import Encoder
from tests.archive_keys import TEST_ARCHIVE

SHOP, CORP, KF = "shop", "corp", "wkJourney0000000000000001"
AGENT_ID = 1_000_002
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
DAYTIME = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # 18:00 in the shop


class Clock:
    """One time for product and platforms. It stands still until it is moved; sleeping moves it."""

    def __init__(self) -> None:
        self.time = DAYTIME

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    def advance(self, **delta: float) -> None:
        self.time += timedelta(**delta)


@dataclass(frozen=True, slots=True)
class Options:
    """What differs from one journey to the next.

    sends: whether the platform lets the official account use the sending API. wait_s: passive_wait_s.
    cut_s: after how many (real) seconds the platform cuts a callback. think_s: nlu.timeout_s.
    more: what the pack.yaml says besides, policy: the handoff.yaml; slots: whether it keeps its own. redis: a URL.
    start: whether the worker prepares itself. survey: whether customers are asked to rate a service.
    supervisors: whether 陈静 leads the 售后组; sla: what that team promises. attached: what scripts send besides, by
    id; pictures: of the pack. files: further ones of the pack, by name. tagged: to whom alone scripts are said, by id.
    staged: in which stage of the sale, by id.
    first_rules: of handoff.yaml, before its own. archive: how
    the corp's session archive is reached.
    """

    mode: Literal["plain", "compatible", "safe"] = "safe"
    form: Literal["xml", "json"] = "xml"
    answering: Literal["active", "passive", "auto"] = "active"
    sends: bool = True
    handoff: Literal["client", "console"] = "client"
    more: str = ""
    slots: bool = True
    wait_s: float = 4.5
    cut_s: float = 5.0
    think_s: float = 3.0
    redis: str = ""
    encoder: Callable[[str], Encoder] | None = None
    reached: Callable[[str], None] = nothing_happens
    start: bool = True
    survey: bool = False
    policy: str = ""
    supervisors: bool = False
    sla: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    tagged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    staged: Mapping[str, Literal["before", "during", "after"]] = field(default_factory=dict)
    first_rules: str = ""
    attached: Mapping[str, tuple[Attachment, ...]] = field(default_factory=dict)
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    archive: ArchiveAccess | None = None


UNSURE = "decision: {costs: {wrong_answer: 1000000}}\n"  # nothing is certain enough to be said without asking


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is made once a session. models: of the pack, trained. guard: who watches that nothing blocks the loop.

    indexed: every library that was searched, by its revision. A snapshot never changes, so journeys may share it.
    """

    guard: BlockBuster
    encoder: Encoder
    pack: Pack
    models: Path
    redis: str
    indexed: dict[str, Snapshot] = field(default_factory=dict)


def pack_of(prepared: Prepared, options: Options) -> Pack:
    """The shop's content with what the test wants otherwise; models fit, for no intent and no script differs."""
    cover = prepared.pack.files[PACK_FILE]
    if not options.slots:
        cover = cover.partition("slots:")[0]
    cover += options.more
    scripts = tuple(
        replace(
            script,
            attachments=options.attached.get(script.id, ()),
            tags=options.tagged.get(script.id, ()),
            stage=options.staged.get(script.id, script.stage),
        )
        for script in prepared.pack.scripts
    )
    handoff = prepared.pack.files[HANDOFF_FILE] + options.policy
    if options.supervisors:
        handoff = handoff.replace("name: 售后组}", "name: 售后组, supervisors: [chenjing]}")
    if options.sla:
        handoff = handoff.replace("{id: aftersale, name: 售后组", f"{{id: aftersale, sla: {options.sla}, name: 售后组")
    handoff = handoff.replace("rules:\n", f"rules:\n{options.first_rules}", 1)
    files = {**prepared.pack.files, **options.files, PACK_FILE: cover, HANDOFF_FILE: handoff}
    return replace(prepared.pack, files=files, scripts=scripts, pictures=options.pictures)


@dataclass(frozen=True, slots=True)
class Names:
    """Ids nobody used before: the Redis of the session remembers tokens by them."""

    app_id: str = field(default_factory=lambda: f"wx{uuid.uuid4().hex[:16]}")
    corp_id: str = field(default_factory=lambda: f"ww{uuid.uuid4().hex[:16]}")


def settings_of(
    prepared: Prepared, database_url: str, folder: Path, options: Options, *, names: Names, simulator_url: str
) -> Settings:
    """One official account and one corp with 微信客服, at the simulator of this address."""
    key = SecretStr(AES_KEY)
    official = OfficialAccount(
        kind="official_account",
        name=SHOP,
        app_id=names.app_id,
        app_secret=SecretStr("official-secret"),
        token=SecretStr("officialtoken"),
        encoding_aes_key=key,
        original_id="gh_0123456789ab",
        mode=options.mode,
        answering=options.answering,
        api_base=f"{simulator_url}/oa",
    )
    corp = WeComCorp(
        kind="wecom",
        name=CORP,
        corp_id=names.corp_id,
        agent_id=AGENT_ID,
        secret=SecretStr("corp-secret"),
        token=SecretStr("corptoken"),
        encoding_aes_key=key,
        open_kfids=(KF,),
        handoff=options.handoff,
        archive=options.archive,
        api_base=f"{simulator_url}/wecom",
    )
    return Settings(
        server=ServerSettings(passive_wait_s=options.wait_s),
        database=DatabaseSettings(url=database_url, pool_size=4),
        redis=RedisSettings(url=options.redis or prepared.redis),
        nlu=NluSettings(timeout_s=options.think_s),
        survey=SurveySettings(enabled=options.survey),
        archive=TEST_ARCHIVE,
        data_dir=folder,
        accounts=(official, corp),
    )

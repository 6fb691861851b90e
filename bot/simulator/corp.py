"""What does WeCom keep of a corp: its apps, members, cards, tags, contacts and kf accounts?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.simulator.cards import AppMessage
from bot.simulator.errors import PlatformError
from bot.simulator.js_tickets import JsTickets
from bot.simulator.kf_account import KfAccount
from bot.simulator.kf_codes import Codes
from bot.simulator.people import Member
from bot.simulator.values import Json


@dataclass(frozen=True, slots=True)
class AgentApp:
    """A self-built app. scopes: what its secret may call besides messages ("kf", "contact", "msgaudit"), else 48002.

    toolbar: the page that the chat toolbar (聊天工具栏) opens, "" for none. toolbar_sign_in: where a member comes to it
    for the first time: the pages' browser sends no WeCom user agent, which would lead her there by itself.
    """

    agent_id: int
    secret: str
    scopes: frozenset[str] = frozenset({"kf", "contact"})
    toolbar: str = ""
    toolbar_sign_in: str = ""


@dataclass(slots=True)
class Relation:
    """A member follows an external contact (客户联系). deleted: the member removed the customer (84061)."""

    userid: str
    added_at: datetime
    state: str = ""
    remark: str = ""
    tags: set[str] = field(default_factory=set)
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class InternalRoom:
    """A group of members only; the first made it."""

    name: str
    members: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Tag:
    """A corp tag in its group. app: agent_id of the app that made it, 0: people did."""

    id: str
    name: str
    group_id: str
    group_name: str
    created_at: datetime
    app: int = 0


@dataclass(slots=True)
class LoginCode:
    """A code of the OAuth login: whom it names, until when."""

    userid: str
    expires_at: datetime
    used: bool = False


@dataclass(slots=True)
class Corp:
    """One WeCom corp. name: as in the settings. callback_url "" means none is configured (43012)."""

    name: str
    corp_id: str
    token: str
    encoding_aes_key: str
    title: str = ""
    callback_url: str = ""
    apps: dict[int, AgentApp] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    kf: dict[str, KfAccount] = field(default_factory=dict)
    codes: Codes = field(default_factory=Codes)
    messages: dict[str, AppMessage] = field(default_factory=dict)
    task_ids: set[tuple[int, str]] = field(default_factory=set)
    response_codes: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    recent: dict[str, datetime] = field(default_factory=dict)
    member_messages: dict[str, list[datetime]] = field(default_factory=dict)
    dropped: int = 0
    relations: dict[str, dict[str, Relation]] = field(default_factory=dict)
    tags: dict[str, Tag] = field(default_factory=dict)
    contact_ways: dict[str, Json] = field(default_factory=dict)
    contact_codes: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    logins: dict[str, LoginCode] = field(default_factory=dict)
    # session archive: (userid or roomid, external_userid) → Agree or Disagree, since when
    agreements: dict[tuple[str, str], tuple[str, datetime]] = field(default_factory=dict)
    customer_rooms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    internal_rooms: dict[str, InternalRoom] = field(default_factory=dict)
    js_tickets: JsTickets = field(default_factory=JsTickets)
    # pages that the JS-SDK was configured on: (address, signature) → what they may call
    js_pages: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def trusts(self, url: str) -> bool:
        """The trusted domain must match exactly, port included: here, the host of the callback URL."""
        wanted = urlsplit(self.callback_url)
        return bool(wanted.netloc) and urlsplit(url)[:2] == wanted[:2]

    @property
    def toolbar(self) -> AgentApp | None:
        """The app whose page stands beside the chats."""
        return next((app for app in self.apps.values() if app.toolbar), None)

    def kf_account(self, open_kfid: str) -> KfAccount:
        """The kf account. Raises PlatformError 95000 (malformed), 95004 (unknown), 95017 (API switched off)."""
        if not open_kfid.startswith("wk"):
            raise PlatformError(95000, open_kfid)
        account = self.kf.get(open_kfid)
        if account is None:
            raise PlatformError(95004, open_kfid)
        if not account.managed:
            raise PlatformError(95017)
        return account

    def relation(self, userid: str, external_userid: str) -> Relation:
        """The live relation. Raises PlatformError 60111 (no such member) or 84061 (no relation)."""
        if userid not in self.members:
            raise PlatformError(60111, userid)
        relation = self.relations.get(external_userid, {}).get(userid)
        if relation is None or relation.deleted:
            raise PlatformError(84061)
        return relation

    def may_reach(self, userid: str, now: datetime, per_minute: int) -> bool:
        """May this member get one more app message this minute? Excess is dropped silently (§4.2)."""
        sent = [at for at in self.member_messages.get(userid, []) if now - at < timedelta(minutes=1)]
        self.member_messages[userid] = sent
        if len(sent) >= per_minute:
            self.dropped += 1
            return False
        sent.append(now)
        return True

"""What does the platform keep of one 微信客服 account: servicers, sessions, its log?"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from bot.simulator.errors import PlatformError
from bot.simulator.kf_log import KfLog
from bot.simulator.kf_session import Session


@dataclass(slots=True)
class Servicer:
    """A member who receives customers of this kf account.

    receiving False is status 1 (stopped); suspended: for the moment only (stop_type 1).
    """

    userid: str
    receiving: bool = True
    suspended: bool = False
    activated: bool = True


@dataclass(slots=True)
class KfAccount:
    """One kf account; its open_kfid is the place of its threads.

    managed: ticked in 通过API管理微信客服账号 (else 95017). native_welcome: the console has a welcome of
    its own, so no welcome_code is given. banned_types: message types refused with 95030.
    """

    open_kfid: str
    name: str
    managed: bool = True
    native_welcome: bool = False
    banned_types: frozenset[str] = frozenset()
    servicers: dict[str, Servicer] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    msgids: dict[str, str] = field(default_factory=dict)
    repeats: int = 0
    untokened: deque[datetime] = field(default_factory=deque)
    log: KfLog = field(init=False)

    def __post_init__(self) -> None:
        self.log = KfLog(self.open_kfid)

    def session(self, external_userid: str) -> Session:
        """The customer's session here. Raises PlatformError 40096 for one who was never here."""
        session = self.sessions.get(external_userid)
        if session is None:
            raise PlatformError(40096, external_userid)
        return session

    def receiving(self, userid: str) -> Servicer:
        """A servicer who can take a session. Raises PlatformError 95014 or 95019."""
        servicer = self.servicers.get(userid)
        if servicer is None or not servicer.activated:
            raise PlatformError(95014, userid)
        if not servicer.receiving:
            raise PlatformError(95019, userid)
        return servicer

"""Where does something happen at 微信客服? One kf account of one corp in the realm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.simulator.corp import Corp
from bot.simulator.kf_account import KfAccount
from bot.simulator.limits import Limits
from bot.simulator.realm import Realm


@dataclass(frozen=True, slots=True)
class Desk:
    """A kf account with all it hangs on."""

    realm: Realm
    corp: Corp
    kf: KfAccount

    @property
    def place(self) -> str:
        """The open_kfid: place of its threads."""
        return self.kf.open_kfid

    @property
    def limits(self) -> Limits:
        """The platform's limits."""
        return self.realm.limits

    def now(self) -> datetime:
        """The platform's time."""
        return self.realm.now()

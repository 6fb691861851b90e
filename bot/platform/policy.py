"""What does an error code mean for us? A table (errors.toml), read once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files

_IP = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-f]{1,4}:){2,7}[0-9a-f]{1,4})(?![\w.])", re.IGNORECASE)


class Verdict(StrEnum):
    """What to do about a refused call."""

    RETRY = "retry"
    REFRESH = "refresh"
    WAIT = "wait"
    GIVE_UP = "give_up"


class Category(StrEnum):
    """What kind of trouble it is; callers decide by this, never by the number."""

    TOKEN = "token"  # noqa: S105 - a category, no secret
    RATE = "rate"
    BUDGET = "budget"
    WINDOW = "window"
    STATE = "state"
    PERMISSION = "permission"
    NETWORK_IP = "network_ip"
    INPUT = "input"
    RELATION = "relation"
    BUSY = "busy"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Policy:
    """One row: the verdict, the category, and what the engineer must do (Chinese).

    breaker: the call must rest for LimitSettings.breaker_s before it is tried again.
    """

    verdict: Verdict
    category: Category
    advice: str
    breaker: bool = False


@dataclass(frozen=True, slots=True)
class Policies:
    """The whole catalogue. `token_endpoint` overrides `codes` where a token is being bought."""

    codes: dict[int, Policy]
    token_endpoint: dict[int, Policy]
    unknown: Policy
    unknown_ip: str

    def of(self, code: int, *, buying_token: bool = False) -> Policy:
        """The row of `code`; unknown codes are given up as category unknown."""
        row = self.codes.get(code, self.unknown)
        return self.token_endpoint.get(code, row) if buying_token else row

    def advise(self, policy: Policy, account: str, errmsg: str) -> str:
        """The advice with the account's name and the IP the platform saw filled in."""
        seen = _IP.search(errmsg)
        ip = seen.group() if seen else self.unknown_ip
        return policy.advice.replace("{account}", account).replace("{ip}", ip)


def _load() -> Policies:
    raw = tomllib.loads(files("bot.platform").joinpath("errors.toml").read_text(encoding="utf-8"))
    return Policies(
        codes={int(code): _policy(row) for code, row in raw["codes"].items()},
        token_endpoint={int(code): _policy(row) for code, row in raw["token_endpoint"].items()},
        unknown=_policy(raw["unknown"]),
        unknown_ip=raw["phrases"]["unknown_ip"],
    )


def _policy(row: dict[str, object]) -> Policy:
    return Policy(
        verdict=Verdict(str(row["verdict"])),
        category=Category(str(row["category"])),
        advice=str(row["advice"]),
        breaker=bool(row.get("breaker", False)),
    )


POLICIES = _load()  # at import: reading a file later would block the event loop

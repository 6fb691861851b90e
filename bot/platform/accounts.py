"""Whose API do we call, where, and with which secret?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pydantic import SecretStr

from bot.settings import Account, OfficialAccount, WeComCorp


@dataclass(frozen=True, slots=True)
class Credentials:
    """What one access token is bought with. A corp with two apps (or an archive secret) has two of these.

    account: name in the settings. app_id: AppID of an official account, CorpID of a corp.
    """

    account: str
    kind: Literal["official_account", "wecom"]
    app_id: str
    secret: SecretStr
    api_base: str

    @property
    def owner(self) -> str:
        """Whose rate limits a call counts against: the platform counts per corp or AppID [W 90312]."""
        return f"{self.kind}:{self.app_id}"

    @property
    def token_key(self) -> str:
        """Cache key of the token: one per secret, with a digest instead of any part of the secret itself."""
        digest = hashlib.sha256(f"{self.owner}\n{self.secret.get_secret_value()}".encode()).hexdigest()
        return f"{self.owner}:{digest[:24]}"


def credentials_of(account: OfficialAccount | WeComCorp) -> Credentials:
    """The credentials an account's settings hold."""
    match account:
        case OfficialAccount():
            return Credentials(account.name, account.kind, account.app_id, account.app_secret, account.api_base)
        case WeComCorp():
            return Credentials(account.name, account.kind, account.corp_id, account.secret, account.api_base)


def archive_account(account: str) -> str:
    """Under which name the client calls the session-archive APIs of a corp: they want a token of the archive secret.

    With the app's they answer 48002 (wechat-platform §5.1).
    """
    return f"{account}/archive"


def all_credentials(accounts: Iterable[Account]) -> list[Credentials]:
    """The credentials of all accounts, those of their session archives among them."""
    found: list[Credentials] = []
    for account in accounts:
        found.append(credentials_of(account))
        if isinstance(account, WeComCorp) and account.archive is not None:
            name, secret = archive_account(account.name), account.archive.secret
            found.append(Credentials(name, account.kind, account.corp_id, secret, account.api_base))
    return found

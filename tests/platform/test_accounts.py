"""Credentials come from the settings and never show their secret."""

from __future__ import annotations

import pytest

from bot.platform import credentials_of
from bot.settings import OfficialAccount, WeComCorp

KEY = "k" * 43


def shop(secret: str = "the-app-secret") -> OfficialAccount:
    return OfficialAccount.model_validate(
        {
            "kind": "official_account",
            "name": "shop",
            "app_id": "wx1",
            "app_secret": secret,
            "token": "t",
            "encoding_aes_key": KEY,
        }
    )


def corp(secret: str = "the-corp-secret") -> WeComCorp:
    return WeComCorp.model_validate(
        {
            "kind": "wecom",
            "name": "corp",
            "corp_id": "ww1",
            "agent_id": 7,
            "secret": secret,
            "token": "t",
            "encoding_aes_key": KEY,
            "api_base": "http://127.0.0.1:1",
        }
    )


@pytest.mark.parametrize(
    ("account", "owner", "secret", "base"),
    [
        (shop(), "official_account:wx1", "the-app-secret", "https://api.weixin.qq.com"),
        (corp(), "wecom:ww1", "the-corp-secret", "http://127.0.0.1:1"),
    ],
)
def test_credentials_of_settings(account: OfficialAccount | WeComCorp, owner: str, secret: str, base: str) -> None:
    credentials = credentials_of(account)
    assert (credentials.account, credentials.owner, credentials.api_base) == (account.name, owner, base)
    assert credentials.secret.get_secret_value() == secret
    assert secret not in repr(credentials)
    assert secret not in credentials.token_key


def test_token_keys_differ_by_secret_even_with_equal_beginnings() -> None:
    keys = {credentials_of(corp(f"the-corp-secret-{number}")).token_key for number in range(20)}
    assert len(keys) == 20

"""Which platforms can we talk with? The registry: alphabetical, one line each.

To add one, write `bot/channels/<name>.py` and add its line here; `ADDING.md` beside this file has
the recipe. The contract tests in tests/channels find it through this registry.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pydantic import SecretStr

from bot.channels.base import Channel
from bot.channels.official_account import OfficialAccountChannel
from bot.channels.wecom import WeComChannel
from bot.channels.wecom_kf import WeComKfChannel
from bot.domain import ChannelKind
from bot.settings import OfficialAccount, WeComCorp

__all__ = ["CHANNELS", "channel_for"]

CHANNELS: Final[Mapping[ChannelKind, type[Channel]]] = MappingProxyType(
    {
        ChannelKind.OFFICIAL_ACCOUNT: OfficialAccountChannel,
        ChannelKind.WECOM: WeComChannel,
        ChannelKind.WECOM_KF: WeComKfChannel,
    }
)


def channel_for(account: OfficialAccount | WeComCorp, max_skew_s: int) -> tuple[Channel, ...]:
    """The channels of one account in the settings; the first one keeps its door (`/callbacks/{account}`).

    An official account has one channel, a corp two: its own callbacks and its 微信客服.
    Raises ValueError, naming the account, where a token or key cannot be one.
    """
    try:
        return _opened(account, max_skew_s)
    except ValueError as error:
        raise ValueError(f"account {account.name!r}: {error}") from error


def _opened(account: OfficialAccount | WeComCorp, max_skew_s: int) -> tuple[Channel, ...]:
    keys = _present(account.encoding_aes_key, account.previous_encoding_aes_key)
    token = account.token.get_secret_value()
    match account:
        case OfficialAccount(name=name, app_id=app_id, mode=mode, original_id=original_id):
            return (
                OfficialAccountChannel(
                    name,
                    app_id=app_id,
                    token=token,
                    keys=keys,
                    mode=mode,
                    max_skew_s=max_skew_s,
                    original_id=original_id,
                ),
            )
        case WeComCorp(
            name=name, corp_id=corp_id, agent_id=agent_id
        ):  # pragma: no branch - mypy proves the union exhausted
            corp = WeComChannel(name, corp_id=corp_id, token=token, keys=keys, max_skew_s=max_skew_s, agent_id=agent_id)
            return (corp, WeComKfChannel(name))


def _present(*keys: SecretStr) -> tuple[str, ...]:
    return tuple(key.get_secret_value() for key in keys if key.get_secret_value())

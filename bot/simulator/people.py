"""Who plays: customers in WeChat, members in WeCom?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Customer:
    """A person in WeChat.

    key: short name on our pages. openid: at every official account (one is enough for a simulator).
    external_userid: at every corp. unionid: joins them; "" where the shop bound no developer account.
    """

    key: str
    nickname: str
    openid: str
    external_userid: str
    unionid: str = ""
    gender: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """A person in the corp's directory."""

    userid: str
    name: str
    position: str = ""
    department: int = 1

"""Which calls buy the tickets that web pages inside WeCom are signed with? [W 96909]."""

from __future__ import annotations

from bot.channels.base import ApiCall
from bot.platform.calls._build import get


def corp_ticket() -> ApiCall:
    """The corp's jsapi_ticket, for `config`: ticket, expires_in (7200). At most 400 an hour and corp, 100 an app."""
    return get("get_jsapi_ticket")


def agent_ticket() -> ApiCall:
    """The app's jsapi_ticket, for `agentConfig`: ticket, expires_in (7200). At most 100 an hour and app."""
    return get("ticket/get", {"type": "agent_config"})


def agent_get(agent_id: int) -> ApiCall:
    """The app itself: name, redirect_domain (可信域名), close (1: switched off), allow_userinfos… [W 90227]."""
    return get("agent/get", {"agentid": str(agent_id)})

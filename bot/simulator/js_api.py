"""How does an app buy the tickets that its pages are signed with, and what is known of the app? [W 96909, 90227]."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.simulator.calls import CorpCall, CorpEndpoint
from bot.simulator.errors import PlatformError
from bot.simulator.js_tickets import OF_CORP
from bot.simulator.values import Json

AGENT_CONFIG = "agent_config"


def corp_ticket(call: CorpCall) -> Json:
    """get_jsapi_ticket."""
    return _sold(call, OF_CORP)


def agent_ticket(call: CorpCall) -> Json:
    """ticket/get: the app's own. Raises PlatformError 40058 for another type."""
    if call.fields.text("type", "") != AGENT_CONFIG:
        raise PlatformError(40058, "type")
    return _sold(call, call.app.agent_id)


def get_agent(call: CorpCall) -> Json:
    """agent/get of the app itself. Raises PlatformError 301002 for another one's id."""
    if call.fields.number("agentid") != call.app.agent_id:
        raise PlatformError(301002, "agentid")
    return {
        "agentid": call.app.agent_id,
        "name": call.corp.title,
        "close": 0,
        "redirect_domain": urlsplit(call.corp.callback_url).netloc,
        "allow_userinfos": {"user": [{"userid": userid} for userid in call.corp.members]},
    }


def _sold(call: CorpCall, of: int) -> Json:
    realm, now = call.realm, call.realm.now()
    ticket = call.corp.js_tickets.buy(of, call.app.agent_id, realm.ids, now, realm.limits)
    return {"ticket": ticket.value, "expires_in": int((ticket.expires_at - now).total_seconds())}


ENDPOINTS = (
    CorpEndpoint("GET", "/cgi-bin/agent/get", "", get_agent),
    CorpEndpoint("GET", "/cgi-bin/get_jsapi_ticket", "", corp_ticket),
    CorpEndpoint("GET", "/cgi-bin/ticket/get", "", agent_ticket),
)

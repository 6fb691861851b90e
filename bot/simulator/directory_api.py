"""Who works at the corp, and who logs in?

Source: wechat-platform §4.6, §4.7.
"""

from __future__ import annotations

from bot.simulator.calls import CorpCall, CorpEndpoint
from bot.simulator.errors import PlatformError
from bot.simulator.values import Json

ROOT = 1


def get_user(call: CorpCall) -> Json:
    """user/get: no mobile, email or avatar for self-built apps. Raises PlatformError 60111."""
    userid = call.fields.text("userid")
    member = call.corp.members.get(userid)
    if member is None:
        raise PlatformError(60111, userid)
    return {
        "userid": userid,
        "name": member.name,
        "department": [member.department],
        "position": member.position,
        "status": 1,
    }


def departments(call: CorpCall) -> Json:
    """department/list: the root and whatever departments members are in."""
    ids = sorted({ROOT, *(member.department for member in call.corp.members.values())})
    listed = [
        {"id": number, "name": call.corp.title or call.corp.name, "parentid": 0 if number == ROOT else ROOT}
        for number in ids
    ]
    return {"department": listed}


def user_of_code(call: CorpCall) -> Json:
    """auth/getuserinfo: a code serves once (42022), for 5 minutes (42003); unknown ones are 40029."""
    login = call.corp.logins.get(call.fields.text("code"))
    if login is None:
        raise PlatformError(40029)
    if login.used:
        raise PlatformError(42022)
    if call.realm.now() >= login.expires_at:
        raise PlatformError(42003)
    login.used = True
    return {"userid": login.userid}


def domain_ip(_: CorpCall) -> Json:
    """get_api_domain_ip and getcallbackip."""
    return {"ip_list": ["127.0.0.1"]}


ENDPOINTS = (
    CorpEndpoint("GET", "/cgi-bin/auth/getuserinfo", "", user_of_code),
    CorpEndpoint("GET", "/cgi-bin/department/list", "", departments),
    CorpEndpoint("GET", "/cgi-bin/get_api_domain_ip", "", domain_ip),
    CorpEndpoint("GET", "/cgi-bin/getcallbackip", "", domain_ip),
    CorpEndpoint("GET", "/cgi-bin/user/get", "", get_user),
)

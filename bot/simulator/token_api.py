"""How does an app get its token? cgi-bin/token, stable_token and gettoken (wechat-platform §3, §4.1)."""

from __future__ import annotations

from bot.simulator.errors import PlatformError
from bot.simulator.official import OfficialAccount
from bot.simulator.realm import Realm
from bot.simulator.tokens import Grant
from bot.simulator.values import Fields, Json

CLIENT_CREDENTIAL = "client_credential"
SEPARATOR = "\n"


def official_token(realm: Realm, fields: Fields) -> Json:
    """GET cgi-bin/token."""
    account = _official(realm, fields)
    return _answer(realm, realm.tokens.issue("oa", account.app_id, realm.now()))


def official_stable_token(realm: Realm, fields: Fields) -> Json:
    """POST cgi-bin/stable_token: the same token until its last 5 minutes, unless force_refresh."""
    account = _official(realm, fields)
    if fields.number("force_refresh", 0):
        return _answer(realm, realm.tokens.force("oa", account.app_id, realm.now()))
    return _answer(realm, realm.tokens.same("oa", account.app_id, "stable", realm.now()))


def corp_token(realm: Realm, fields: Fields) -> Json:
    """GET cgi-bin/gettoken, one token an app secret. Raises PlatformError 40013, 40001."""
    corp = realm.corp_by_id(fields.text("corpid", ""))
    if corp is None:
        raise PlatformError(40013)
    app = realm.app_of(corp, fields.text("corpsecret", ""))
    if app is None:
        raise PlatformError(40001)
    return _answer(realm, realm.tokens.same("wecom", f"{corp.corp_id}{SEPARATOR}{app.secret}", "app", realm.now()))


def _official(realm: Realm, fields: Fields) -> OfficialAccount:
    if fields.text("grant_type", "") != CLIENT_CREDENTIAL:
        raise PlatformError(40058, "grant_type")
    account = realm.official_by_id(fields.text("appid", ""))
    if account is None:
        raise PlatformError(40013)
    if fields.text("secret", "") != account.secret:
        raise PlatformError(40001)
    return account


def _answer(realm: Realm, grant: Grant) -> Json:
    left = (grant.expires_at - realm.now()).total_seconds()
    return {"access_token": grant.token, "expires_in": int(left)}

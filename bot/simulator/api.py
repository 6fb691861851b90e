"""Which addresses does the simulated platform have? {sim}/oa for official accounts, {sim}/wecom for WeCom."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from bot.simulator import (
    app_api,
    archive_api,
    contacts_api,
    corp_tags_api,
    directory_api,
    js_api,
    kf_admin_api,
    kf_api,
    media_api,
    oa_api,
    oa_send,
    oa_tags_api,
    token_api,
)
from bot.simulator.calls import CorpCall, CorpEndpoint, OfficialCall, OfficialEndpoint
from bot.simulator.errors import PlatformError
from bot.simulator.gateway import Act, Crowd, Meter, answer_call
from bot.simulator.realm import Realm
from bot.simulator.values import Fields, Json

OFFICIAL_ENDPOINTS = (*oa_api.ENDPOINTS, *oa_send.ENDPOINTS, *oa_tags_api.ENDPOINTS)
CORP_ENDPOINTS = (
    *app_api.ENDPOINTS,
    *archive_api.ENDPOINTS,
    *contacts_api.ENDPOINTS,
    *corp_tags_api.ENDPOINTS,
    *directory_api.ENDPOINTS,
    *js_api.ENDPOINTS,
    *kf_admin_api.ENDPOINTS,
    *kf_api.ENDPOINTS,
)
TOKENS = (
    ("GET", "/oa", "/cgi-bin/token", token_api.official_token),
    ("POST", "/oa", "/cgi-bin/stable_token", token_api.official_stable_token),
    ("GET", "/wecom", "/cgi-bin/gettoken", token_api.corp_token),
)
PREFIXES = {"/oa": "oa", "/wecom": "wecom"}

Bind = Callable[[web.Request], Act]


def add_api_routes(app: web.Application, realm: Realm) -> None:
    """Register every endpoint."""
    limits = realm.limits
    crowd = Crowd({corp_tags_api.MARK_TAG: (limits.marks_at_once, limits.mark_takes_s)}, realm.sleep)
    own = {
        "/cgi-bin/msgaudit/check_single_agree": realm.limits.single_agree_per_minute,
        "/cgi-bin/msgaudit/check_room_agree": realm.limits.room_agree_per_minute,
    }
    meter = Meter(limits.calls_per_minute, own)

    def add(method: str, prefix: str, path: str, kind: str, bind: Bind) -> None:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await answer_call(request, realm, (meter, crowd), path=path, kind=kind, act=bind(request))

        app.router.add_route(method, prefix + path, handle)

    for method, prefix, path, answer in TOKENS:
        add(method, prefix, path, "", _token(realm, answer))
    for endpoint in OFFICIAL_ENDPOINTS:
        add(endpoint.method, "/oa", endpoint.path, "oa", _official(realm, endpoint))
    for corp_endpoint in CORP_ENDPOINTS:
        add(corp_endpoint.method, "/wecom", corp_endpoint.path, "wecom", _corp(realm, corp_endpoint))
    for prefix, kind in PREFIXES.items():
        add("POST", prefix, "/cgi-bin/media/upload", kind, _upload(realm))
        add("GET", prefix, "/cgi-bin/media/get", kind, _fetch(realm))
    readable = set(_addresses("GET"))
    for prefix, path in _addresses("POST"):
        if (prefix, path) not in readable:
            app.router.add_get(prefix + path, _refuse_get)


def _addresses(method: str) -> list[tuple[str, str]]:
    official = [("/oa", endpoint.path) for endpoint in OFFICIAL_ENDPOINTS if endpoint.method == method]
    return official + [("/wecom", endpoint.path) for endpoint in CORP_ENDPOINTS if endpoint.method == method]


def _token(realm: Realm, answer: Callable[[Realm, Fields], Json]) -> Bind:
    async def act(_: str, fields: Fields) -> Json:
        return answer(realm, fields)

    return lambda _: act


def _official(realm: Realm, endpoint: OfficialEndpoint) -> Bind:
    def bind(request: web.Request) -> Act:
        async def act(owner: str, fields: Fields) -> Json:
            account = realm.official_by_id(owner)
            if account is None:
                raise PlatformError(40014)
            return endpoint.answer(OfficialCall(realm, account, fields, str(request.url.origin())))

        return act

    return bind


def _corp(realm: Realm, endpoint: CorpEndpoint) -> Bind:
    def bind(request: web.Request) -> Act:
        async def act(owner: str, fields: Fields) -> Json:
            corp_id, _, secret = owner.partition(token_api.SEPARATOR)
            corp = realm.corp_by_id(corp_id)
            app = realm.app_of(corp, secret) if corp else None
            if corp is None or app is None:
                raise PlatformError(40014)
            if endpoint.scope and endpoint.scope not in app.scopes:
                raise PlatformError(48002)
            return endpoint.answer(CorpCall(realm, corp, app, fields, str(request.url.origin())))

        return act

    return bind


def _upload(realm: Realm) -> Bind:
    def bind(request: web.Request) -> Act:
        async def act(owner: str, _: Fields) -> Json:
            return await media_api.upload(request, realm, owner.partition(token_api.SEPARATOR)[0])

        return act

    return bind


def _fetch(realm: Realm) -> Bind:
    async def act(owner: str, fields: Fields) -> web.StreamResponse:
        return media_api.fetch(realm, owner.partition(token_api.SEPARATOR)[0], fields)

    return lambda _: act


async def _refuse_get(_: web.Request) -> web.Response:
    return web.json_response(PlatformError(43002).as_json())

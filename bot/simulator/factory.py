"""Which world stands behind an installation's settings? Its accounts, with the demo's shop, people and customers."""

from __future__ import annotations

from bot.settings import OfficialAccount as OfficialSettings
from bot.settings import ServerSettings, Settings, WeComCorp
from bot.simulator.catalogue import CAST
from bot.simulator.corp import AgentApp, Corp
from bot.simulator.kf_account import KfAccount, Servicer
from bot.simulator.limits import Limits
from bot.simulator.official import OfficialAccount
from bot.simulator.people import Member
from bot.simulator.world import World

ARCHIVE_AGENT = 2_000_004  # AgentID of the session archive in its callbacks (wechat-platform §5.1)


def build_world(settings: Settings, *, seed: int = 0, limits: Limits | None = None) -> World:
    """A world with the settings' accounts and the cast of `cast.toml`; callbacks go to the server's public URL."""
    world = World(seed=seed, limits=limits)
    for account in settings.accounts:
        match account:
            case OfficialSettings():
                world.add_official(_official(account))
            case WeComCorp():
                world.add_corp(_corp(account, settings.server))
    for customer in CAST["customers"]:
        world.add_customer(customer["key"], customer["nickname"], gender=customer["gender"])
    world.serve_callbacks_at(settings.server.public_url)
    return world


def _official(account: OfficialSettings) -> OfficialAccount:
    return OfficialAccount(
        name=account.name,
        app_id=account.app_id,
        secret=account.app_secret.get_secret_value(),
        token=account.token.get_secret_value(),
        encoding_aes_key=account.encoding_aes_key.get_secret_value(),
        original_id=account.original_id,
        title=CAST["shop"],
        mode=account.mode,
        # An account set to answer passively is one without the customer-service API (48001).
        custom_send=account.answering != "passive",
        menu=tuple((item["key"], item["name"]) for item in CAST["menu"]),
    )


def _corp(account: WeComCorp, server: ServerSettings) -> Corp:
    corp = Corp(
        name=account.name,
        corp_id=account.corp_id,
        token=account.token.get_secret_value(),
        encoding_aes_key=account.encoding_aes_key.get_secret_value(),
        title=CAST["shop"],
    )
    page = f"/console/sidebar/{account.name}"
    has_console = bool(server.secret.get_secret_value())
    corp.apps[account.agent_id] = AgentApp(
        account.agent_id,
        account.secret.get_secret_value(),
        toolbar=f"{server.public_url}{page}" if has_console else "",
        toolbar_sign_in=f"{server.public_url}/console/login/wecom/{account.name}?to={page}" if has_console else "",
    )
    if account.archive is not None:
        secret = account.archive.secret.get_secret_value()
        corp.apps[ARCHIVE_AGENT] = AgentApp(ARCHIVE_AGENT, secret, frozenset({"msgaudit"}))
    for member in CAST["members"]:
        corp.members[member["userid"]] = Member(member["userid"], member["name"], member["position"])
    for open_kfid in account.open_kfids or (CAST["open_kfid"],):
        servicers = {userid: Servicer(userid) for userid in corp.members}
        corp.kf[open_kfid] = KfAccount(open_kfid, CAST["shop"], servicers=servicers)
    return corp

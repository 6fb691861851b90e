"""Which acts can the pages, and anybody over HTTP, ask for? One table: name, and how its JSON becomes a call.

Every act takes the arguments of the World method of the same name.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.simulator.catalogue import PHRASES
from bot.simulator.sample import sample_png
from bot.simulator.values import Fields, Json
from bot.simulator.world import World

Act = Callable[[World, Fields], Json]


def _customer_writes(world: World, f: Fields) -> Json:
    line = world.customer_writes(f.text("customer"), f.text("place"), f.text("text"), menu_id=f.text("menu_id", ""))
    return {"id": line.id}


def _customer_clicks(world: World, f: Fields) -> Json:
    return {"id": world.customer_clicks(f.text("customer"), f.text("place"), f.text("menu_id")).id}


def _customer_sends_sample(world: World, f: Fields) -> Json:
    name = PHRASES["sample_image"]
    who, place = f.text("customer"), f.text("place")
    return {"id": world.customer_sends_file(who, place, "image", sample_png(), name=name, content_type="image/png").id}


def _customer_sends(world: World, f: Fields) -> Json:
    body = dict(f.group("body").values)
    return {"id": world.customer_sends(f.text("customer"), f.text("place"), f.text("msgtype"), body).id}


def _customer_enters(world: World, f: Fields) -> Json:
    scene, param = f.text("scene", ""), f.text("scene_param", "")
    return {"welcome_code": world.customer_enters(f.text("customer"), f.text("place"), scene=scene, scene_param=param)}


def _customer_recalls(world: World, f: Fields) -> Json:
    world.customer_recalls(f.text("customer"), f.text("place"), f.text("id"))
    return {}


def _customer_rejects(world: World, f: Fields) -> Json:
    world.customer_rejects(f.text("customer"), f.text("place"), rejects=bool(f.number("rejects", 1)))
    return {}


def _add_customer(world: World, f: Fields) -> Json:
    customer = world.add_customer(f.text("key"), f.text("nickname", ""))
    return {"key": customer.key, "openid": customer.openid, "external_userid": customer.external_userid}


def _subscribe(world: World, f: Fields) -> Json:
    world.subscribe(f.text("customer"), f.text("place"), scene=f.text("scene", ""))
    return {}


def _unsubscribe(world: World, f: Fields) -> Json:
    world.unsubscribe(f.text("customer"), f.text("place"))
    return {}


def _scan(world: World, f: Fields) -> Json:
    world.scan(f.text("customer"), f.text("place"), f.text("scene"))
    return {}


def _click_account_menu(world: World, f: Fields) -> Json:
    world.click_account_menu(f.text("customer"), f.text("place"), f.text("key"))
    return {}


def _customer_adds_member(world: World, f: Fields) -> Json:
    world.customer_adds_member(f.text("customer"), f.text("corp"), f.text("userid"), state=f.text("state", ""))
    return {}


def _customer_answers_archive(world: World, f: Fields) -> Json:
    agrees = f.number("agrees", 1) == 1
    world.customer_answers_archive(f.text("customer"), f.text("corp"), f.text("userid"), agrees=agrees)
    return {}


def _servicer_answers(world: World, f: Fields) -> Json:
    line = world.servicer_answers(f.text("userid"), f.text("customer"), f.text("place"), f.text("text"))
    return {"id": line.id}


def _servicer_takes_from_pool(world: World, f: Fields) -> Json:
    return {"msg_code": world.servicer_takes_from_pool(f.text("userid"), f.text("customer"), f.text("place"))}


def _servicer_transfers(world: World, f: Fields) -> Json:
    world.servicer_transfers(f.text("userid"), f.text("customer"), f.text("place"), to=f.text("to"))
    return {}


def _servicer_ends_session(world: World, f: Fields) -> Json:
    return {"msg_code": world.servicer_ends_session(f.text("userid"), f.text("customer"), f.text("place"))}


def _servicer_receives(world: World, f: Fields) -> Json:
    receiving, suspended = bool(f.number("receiving")), bool(f.number("suspended", 0))
    world.servicer_receives(f.text("userid"), f.text("place"), receiving=receiving, suspended=suspended)
    return {}


def _member_removes_customer(world: World, f: Fields) -> Json:
    world.member_removes_customer(f.text("userid"), f.text("corp"), f.text("customer"))
    return {}


def _member_tags_customer(world: World, f: Fields) -> Json:
    who, tag = (f.text("userid"), f.text("corp"), f.text("customer")), (f.text("group"), f.text("name"))
    world.member_tags_customer(*who, *tag, on=bool(f.number("on", 1)))
    return {}


def _member_clicks_card(world: World, f: Fields) -> Json:
    world.member_clicks_card(f.text("userid"), f.text("corp"), f.text("msgid"), f.text("key"))
    return {}


ACTS: dict[str, Act] = {
    "add_customer": _add_customer,
    "click_account_menu": _click_account_menu,
    "customer_adds_member": _customer_adds_member,
    "customer_answers_archive": _customer_answers_archive,
    "customer_clicks": _customer_clicks,
    "customer_enters": _customer_enters,
    "customer_recalls": _customer_recalls,
    "customer_rejects": _customer_rejects,
    "customer_sends": _customer_sends,
    "customer_sends_sample": _customer_sends_sample,
    "customer_writes": _customer_writes,
    "member_clicks_card": _member_clicks_card,
    "member_removes_customer": _member_removes_customer,
    "member_tags_customer": _member_tags_customer,
    "scan": _scan,
    "servicer_answers": _servicer_answers,
    "servicer_ends_session": _servicer_ends_session,
    "servicer_receives": _servicer_receives,
    "servicer_takes_from_pool": _servicer_takes_from_pool,
    "servicer_transfers": _servicer_transfers,
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
}

"""What do the phone and the WeCom client show? The state of the world as JSON for the pages."""

from __future__ import annotations

from bot.simulator.corp import Corp, Relation
from bot.simulator.kf_account import KfAccount
from bot.simulator.kf_session import State
from bot.simulator.people import Customer
from bot.simulator.threads import Line
from bot.simulator.values import Json
from bot.simulator.world import World


def people(world: World) -> Json:
    """Everybody one can play. Only the customers of the cast, not those of a load run."""
    customers = [{"key": who.key, "name": who.nickname} for who in list(world.customers.values())[:50]]
    members = [
        {"corp": corp.name, "userid": who.userid, "name": who.name, "position": who.position}
        for corp in world.corps.values()
        for who in corp.members.values()
    ]
    return {"customers": customers, "members": members}


def phone(world: World, customer: Customer) -> Json:
    """The list of conversations on a customer's phone."""
    places = [_kf_place(world, kf, customer) for corp in world.corps.values() for kf in corp.kf.values()]
    for account in world.officials.values():
        follower = account.followers.get(customer.openid)
        places.append(
            {
                "id": account.name,
                "kind": "official",
                "title": account.title or account.name,
                "followed": bool(follower and follower.subscribed),
                "typing": bool(follower and follower.typing_until and world.now() < follower.typing_until),
                "menu": [{"key": key, "name": name} for key, name in account.menu],
                "last": _last(world, account.name, customer),
            }
        )
    return {"customer": {"key": customer.key, "name": customer.nickname}, "places": places}


def thread(world: World, place: str, customer: Customer) -> Json:
    """The bubbles of one conversation."""
    return {"place": place, "lines": [line.as_json() for line in world.threads.of(place, customer.key)]}


def wecom(world: World, corp: Corp, userid: str) -> Json:
    """What one member sees: app messages, newest first, and the kf conversations that concern her."""
    messages = [
        message.for_member(userid)
        for message in reversed(corp.messages.values())
        if userid in message.members and not message.recalled
    ]
    conversations = [
        view
        for kf in corp.kf.values()
        if userid in kf.servicers
        for external in kf.sessions
        if (view := _conversation(world, corp, kf, external, userid))
    ]
    desks = [
        {
            "place": kf.open_kfid,
            "name": kf.name,
            "receiving": kf.servicers[userid].receiving,
            "servicers": [
                {"userid": who, "name": corp.members[who].name, "receiving": kf.servicers[who].receiving}
                for who in kf.servicers
                if who in corp.members
            ],
        }
        for kf in corp.kf.values()
        if userid in kf.servicers
    ]
    app = corp.toolbar
    toolbar = {} if app is None else {"page": app.toolbar, "sign_in": app.toolbar_sign_in}
    return {"messages": messages[:50], "conversations": conversations, "desks": desks, "toolbar": toolbar}


def traffic(world: World) -> Json:
    """Callbacks and calls so far, for the index page."""
    recent = [
        {"account": sent.account, "label": sent.label, "statuses": sent.statuses}
        for sent in list(world.postman.sent)[-20:]
    ]
    calls = [{"path": path, "errcode": code, "count": count} for (path, code), count in world.calls.most_common(30)]
    faults = [{"on": fault.on, "kind": fault.kind.value, "count": fault.count} for fault in world.faults.waiting]
    return {"callbacks": recent[::-1], "calls": calls, "faults": faults}


def _kf_place(world: World, kf: KfAccount, customer: Customer) -> Json:
    session = kf.sessions.get(customer.external_userid)
    return {
        "id": kf.open_kfid,
        "kind": "kf",
        "title": kf.name,
        "entered": session is not None,
        "state": int(session.current(world.now(), world.limits)) if session else int(State.ENDED),
        "last": _last(world, kf.open_kfid, customer),
    }


def _conversation(world: World, corp: Corp, kf: KfAccount, external: str, userid: str) -> Json:
    session = kf.sessions[external]
    state = session.current(world.now(), world.limits)
    customer = world.customer(external)
    lines = world.threads.of(kf.open_kfid, customer.key)
    hers = state is State.SERVED and session.servicer == userid
    served_before = state is State.ENDED and any(line.speaker == "servicer" for line in lines)
    if not (hers or state is State.POOL or served_before):
        return {}
    relation = corp.relations.get(external, {}).get(userid)
    return {
        "place": kf.open_kfid,
        "corp": corp.name,
        "customer": customer.key,
        "name": customer.nickname,
        "state": int(state),
        "hers": hers,
        "follows": relation is not None,
        "tags": _tags(corp, relation),
        "last": _last(world, kf.open_kfid, customer),
    }


def _tags(corp: Corp, relation: Relation | None) -> list[Json]:
    """The customer card of a member: her tags, those that people gave too."""
    tags = (
        sorted((corp.tags[each] for each in relation.tags), key=lambda tag: (tag.group_name, tag.name))
        if relation
        else []
    )
    return [{"group": tag.group_name, "name": tag.name, "by_app": tag.app != 0} for tag in tags]


def _last(world: World, place: str, customer: Customer) -> Json | None:
    lines = world.threads.of(place, customer.key)
    return _brief(lines[-1]) if lines else None


def _brief(line: Line) -> Json:
    return {"text": line.text[:40], "msgtype": line.msgtype, "at": line.at.isoformat(), "speaker": line.speaker}

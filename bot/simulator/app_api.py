"""May this app message or card be sent, changed, recalled?

Source: wechat-platform §4.3.
"""

from __future__ import annotations

import json
from datetime import timedelta

from bot.simulator.calls import CorpCall, CorpEndpoint
from bot.simulator.cards import INTERACTIVE, AppMessage, check_card
from bot.simulator.content import check_media, check_text
from bot.simulator.errors import PlatformError
from bot.simulator.values import Fields, Json, check_size

ALL = "@all"


def send(call: CorpCall) -> Json:
    """message/send: msgid, invaliduser, and for interactive cards a response_code.

    Raises PlatformError 40056 (agentid of another app), 82001/81013 (receivers), 43012 (no callback URL),
    45002, 42014 (task_id used before) and those of `check_card`. A member's excess is dropped silently.
    """
    _check_agent(call)
    members, invalid = _receivers(call)
    msgtype = call.fields.text("msgtype")
    body = call.fields.group(msgtype) if msgtype in call.fields else Fields({})
    task_id = _check_content(call, msgtype, body)
    msgid = call.realm.ids.fresh("msg", 40)
    answer: Json = {"msgid": msgid}
    if invalid:
        answer["invaliduser"] = "|".join(invalid)
    if _is_repeat(call, members, msgtype, body):
        return answer
    if task_id:
        call.corp.task_ids.add((call.app.agent_id, task_id))
    now, limit = call.realm.now(), call.realm.limits.member_messages_per_minute
    reached = [userid for userid in members if call.corp.may_reach(userid, now, limit)]
    message = AppMessage(msgid, call.app.agent_id, now, msgtype, dict(body.values), reached, task_id)
    call.corp.messages[msgid] = message
    if msgtype == "template_card" and body.text("card_type") in INTERACTIVE:
        answer["response_code"] = _response_code(call, message)
    _tell(call, reached)
    return answer


def update_card(call: CorpCall) -> Json:
    """message/update_template_card: a response_code serves once, within 72 h.

    Raises PlatformError 42016 (unknown or used code), 42003 (too late), 40058.
    """
    _check_agent(call)
    members = _card_receivers(call)
    code = call.fields.text("response_code")
    known = call.corp.response_codes.get(code)
    if known is None or known[0] not in call.corp.messages:
        raise PlatformError(42016)
    msgid, given_at = known
    if call.realm.now() - given_at >= timedelta(seconds=call.realm.limits.response_code_s):
        raise PlatformError(42003)
    message = call.corp.messages[msgid]
    if "button" in call.fields:
        name = call.fields.group("button").text("replace_name")
        message.replaced.update(dict.fromkeys(members or message.members, name))
    elif "template_card" in call.fields:
        card = call.fields.group("template_card")
        check_card(card, call.realm.limits)
        for userid in members or message.members:
            message.cards[userid] = dict(card.values)
            message.replaced.pop(userid, None)
    else:
        raise PlatformError(40058, "button or template_card")
    del call.corp.response_codes[code]
    _tell(call, message.members)
    invalid = [userid for userid in members if userid not in message.members]
    return {"invaliduser": invalid} if invalid else {}


def recall(call: CorpCall) -> Json:
    """message/recall within 24 h: 42052 later, 40058 for an unknown msgid or another app's."""
    message = call.corp.messages.get(call.fields.text("msgid"))
    if message is None or message.agent_id != call.app.agent_id:
        raise PlatformError(40058, "msgid")
    if call.realm.now() - message.at > timedelta(seconds=call.realm.limits.recall_s):
        raise PlatformError(42052)
    message.recalled = True
    _tell(call, message.members)
    return {}


def _check_agent(call: CorpCall) -> None:
    if call.fields.number("agentid") != call.app.agent_id:
        raise PlatformError(40056)


def _receivers(call: CorpCall) -> tuple[list[str], list[str]]:
    named = [userid for userid in call.fields.text("touser", "").split("|") if userid]
    parties = [party for party in call.fields.text("toparty", "").split("|") if party]
    if not named and not parties and not call.fields.text("totag", ""):
        raise PlatformError(82001)
    if len(named) > call.realm.limits.receivers:
        raise PlatformError(40058, "touser")
    directory = call.corp.members
    wanted = list(directory) if ALL in named else named
    wanted += [userid for userid, member in directory.items() if str(member.department) in parties]
    members = [userid for userid in dict.fromkeys(wanted) if userid in directory]
    if not members:
        raise PlatformError(81013)
    return members, [userid for userid in wanted if userid not in directory]


def _check_content(call: CorpCall, msgtype: str, body: Fields) -> str:
    limits = call.realm.limits
    match msgtype:
        case "text" | "markdown":
            check_text(body, limits)
        case "textcard":
            check_size("title", body.text("title"), limits.link_title_bytes)
            check_size("description", body.text("description"), limits.link_desc_bytes)
            body.text("url")
        case "image" | "voice" | "video" | "file":
            check_media(call.realm, call.corp.corp_id, body.text("media_id"))
        case "news":
            if not body.groups("articles"):
                raise PlatformError(40058, "articles")
        case "template_card":
            return _check_template_card(call, body)
        case _:
            raise PlatformError(40008, msgtype)
    return ""


def _check_template_card(call: CorpCall, body: Fields) -> str:
    task_id = check_card(body, call.realm.limits)
    if body.text("card_type") in INTERACTIVE and not call.corp.callback_url:
        raise PlatformError(43012)
    if (call.app.agent_id, task_id) in call.corp.task_ids:
        raise PlatformError(42014, f"{task_id} was used before")
    return task_id


def _is_repeat(call: CorpCall, members: list[str], msgtype: str, body: Fields) -> bool:
    """enable_duplicate_check: the same message to the same people within the interval is not delivered again."""
    if not call.fields.number("enable_duplicate_check", 0):
        return False
    seconds = call.fields.number("duplicate_check_interval", int(call.realm.limits.duplicate_check_s))
    key = json.dumps([call.app.agent_id, members, msgtype, body.values], sort_keys=True)
    before, now = call.corp.recent.get(key), call.realm.now()
    call.corp.recent[key] = now
    return before is not None and now - before < timedelta(seconds=seconds)


def _response_code(call: CorpCall, message: AppMessage) -> str:
    code = call.realm.ids.fresh(chars=43)
    call.corp.response_codes[code] = (message.msgid, call.realm.now())
    return code


def _card_receivers(call: CorpCall) -> list[str]:
    return [] if call.fields.number("atall", 0) else call.fields.texts("userids")


def _tell(call: CorpCall, members: list[str]) -> None:
    for userid in members:
        call.realm.stream.publish({"member": userid})


ENDPOINTS = (
    CorpEndpoint("POST", "/cgi-bin/message/recall", "", recall),
    CorpEndpoint("POST", "/cgi-bin/message/send", "", send),
    CorpEndpoint("POST", "/cgi-bin/message/update_template_card", "", update_card),
)

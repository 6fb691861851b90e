"""What can a member do with cards, contacts and logins in WeCom?

Source: wechat-platform §4.3, §4.5, §4.7.
"""

from __future__ import annotations

from datetime import timedelta

from bot.simulator.cards import AppMessage
from bot.simulator.corp import Corp, LoginCode, Relation
from bot.simulator.errors import NotPossible
from bot.simulator.kf_push import push_to_corp
from bot.simulator.people import Customer
from bot.simulator.realm import Realm
from bot.simulator.values import Json


def click_card(realm: Realm, corp: Corp, userid: str, msgid: str, key: str) -> str:
    """Press a button of a template card (template_card_event); the response_code of the event."""
    message = inbox_message(corp, userid, msgid)
    card = message.cards.get(userid, message.body)
    if message.replaced.get(userid):
        raise NotPossible("the button is used up")
    if key not in _keys(card):
        raise NotPossible(f"no button {key!r}")
    code = realm.ids.fresh(chars=43)
    corp.response_codes[code] = (msgid, realm.now())
    fields: Json = {
        "FromUserName": userid,
        "Event": "template_card_event",
        "EventKey": key,
        "TaskId": message.task_id,
        "CardType": str(card.get("card_type")),
        "ResponseCode": code,
        "AgentID": message.agent_id,
    }
    push_to_corp(realm, corp, fields, agent_id=message.agent_id, member=userid)
    return code


def inbox_message(corp: Corp, userid: str, msgid: str) -> AppMessage:
    """An app message this member has."""
    message = corp.messages.get(msgid)
    if message is None or message.recalled or userid not in message.members:
        raise NotPossible("no such message in her inbox")
    return message


def add_customer(realm: Realm, corp: Corp, customer: Customer, userid: str, state: str = "") -> str:
    """The customer adds a member as a contact (add_external_contact); the welcome code, good for 20 s."""
    if userid not in corp.members:
        raise NotPossible(f"no member {userid!r}")
    relations = corp.relations.setdefault(customer.external_userid, {})
    relations[userid] = Relation(userid, realm.now(), state)
    code = realm.ids.fresh("CODE", 20)
    corp.contact_codes[code] = (customer.key, realm.now() + timedelta(seconds=realm.limits.welcome_s))
    fields = _contact_changed(customer, userid, "add_external_contact")
    push_to_corp(realm, corp, {**fields, "State": state, "WelcomeCode": code})
    return code


def remove_customer(realm: Realm, corp: Corp, customer: Customer, userid: str) -> None:
    """The member deletes the customer (del_external_contact): tagging then meets 84061."""
    corp.relations.get(customer.external_userid, {}).pop(userid, None)
    push_to_corp(realm, corp, _contact_changed(customer, userid, "del_external_contact"))


def answer_archive(realm: Realm, corp: Corp, customer: Customer, userid: str, *, agrees: bool) -> None:
    """The customer says yes or no to being archived; a yes is told by msg_audit_approved (§5.1)."""
    if userid not in corp.members:
        raise NotPossible(f"no member {userid!r}")
    status = "Agree" if agrees else "Disagree"
    corp.agreements[userid, customer.external_userid] = (status, realm.now())
    if agrees:
        fields = _contact_changed(customer, userid, "msg_audit_approved")
        push_to_corp(realm, corp, {**fields, "WelcomeCode": realm.ids.fresh("CODE", 20)})


def login_code(realm: Realm, corp: Corp, userid: str) -> str:
    """A code as the OAuth redirect brings it: once, 5 minutes (§4.7)."""
    if userid not in corp.members:
        raise NotPossible(f"no member {userid!r}")
    code = realm.ids.fresh(chars=43)
    corp.logins[code] = LoginCode(userid, realm.now() + timedelta(seconds=realm.limits.login_code_s))
    return code


def _keys(card: Json) -> set[str]:
    buttons = card.get("button_list")
    submit = card.get("submit_button")
    listed = [*(buttons if isinstance(buttons, list) else []), submit]
    return {str(button["key"]) for button in listed if isinstance(button, dict) and "key" in button}


def _contact_changed(customer: Customer, userid: str, change: str) -> Json:
    return {
        "FromUserName": "sys",
        "Event": "change_external_contact",
        "ChangeType": change,
        "UserID": userid,
        "ExternalUserID": customer.external_userid,
    }

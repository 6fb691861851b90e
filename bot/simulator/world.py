"""Who does what in a trial run? Every act of customers, servicers and members, by name.

customer: key, openid, external_userid or Customer. place: name of an official account, or an open_kfid.
An act that the real app would not offer raises NotPossible. Acts return at once; the callbacks they cause
are delivered in the background (`await world.settled()` waits for them).
"""

from __future__ import annotations

from bot.simulator import customer_kf, customer_oa, member, servicer, tagging
from bot.simulator.corp import Corp
from bot.simulator.desk import Desk
from bot.simulator.errors import NotPossible
from bot.simulator.kf_push import push_to_corp
from bot.simulator.official import OfficialAccount
from bot.simulator.people import Customer
from bot.simulator.realm import Realm
from bot.simulator.threads import Line
from bot.simulator.values import Json
from bot.simulator.verify import verify_callback

Who = str | Customer


class World(Realm):
    """The platforms and the people on them."""

    # ── customers ────────────────────────────────────────────────────────────────────────────

    def customer_writes(self, customer: Who, place: str, text: str, *, menu_id: str = "") -> Line:
        """Write a text; with `menu_id`, click that item of a msgmenu."""
        who = self.customer(customer)
        if place in self.officials:
            return customer_oa.write(self, self.officials[place], who, text, menu_id)
        return customer_kf.write(self._desk(place), who, text, menu_id)

    def customer_sends(self, customer: Who, place: str, msgtype: str, body: Json) -> Line:
        """Send any other message: image/voice/video/file {media_id}; at kf also location, link and so on."""
        who = self.customer(customer)
        if place in self.officials:
            return customer_oa.send_media(self, self.officials[place], who, msgtype, str(body.get("media_id", "")))
        return customer_kf.send(self._desk(place), who, msgtype, body)

    def customer_sends_file(
        self, customer: Who, place: str, kind: str, data: bytes, *, name: str, content_type: str
    ) -> Line:
        """Put a file into the media store and send it. One over the size limit arrives as a text notice."""
        owner = self.officials[place].app_id if place in self.officials else self.kf(place)[0].corp_id
        item = self.media.keep(owner=owner, kind=kind, name=name, content_type=content_type, data=data, now=self.now())
        return self.customer_sends(customer, place, kind, {"media_id": item.id})

    def customer_clicks(self, customer: Who, place: str, menu_id: str) -> Line:
        """Click an item of the last msgmenu she was shown at this place."""
        who = self.customer(customer)
        for line in reversed(self.threads.of(place, who.key)):
            if line.msgtype == "msgmenu":
                return self.customer_writes(who, place, _label(line, menu_id), menu_id=menu_id)
        raise NotPossible("she was shown no menu")

    def customer_enters(self, customer: Who, place: str, *, scene: str = "", scene_param: str = "") -> str:
        """Open the conversation with a kf account; the welcome_code, "" where none is given."""
        return customer_kf.enter(self._desk(place), self.customer(customer), scene=scene, scene_param=scene_param)

    def customer_recalls(self, customer: Who, place: str, line_id: str) -> None:
        """Take back one of her kf messages."""
        customer_kf.recall(self._desk(place), self.customer(customer), self._line(line_id))

    def customer_rejects(self, customer: Who, place: str, *, rejects: bool = True) -> None:
        """Refuse a kf account's messages: sends then end in msg_send_fail (fail_type 10)."""
        customer_kf.reject(self._desk(place), self.customer(customer), rejects=rejects)

    def subscribe(self, customer: Who, place: str, *, scene: str = "") -> None:
        """Follow an official account."""
        customer_oa.subscribe(self, self.official(place), self.customer(customer), scene)

    def unsubscribe(self, customer: Who, place: str) -> None:
        """Stop following."""
        customer_oa.unsubscribe(self, self.official(place), self.customer(customer))

    def scan(self, customer: Who, place: str, scene: str) -> None:
        """Scan a QR code of that scene."""
        customer_oa.scan(self, self.official(place), self.customer(customer), scene)

    def click_account_menu(self, customer: Who, place: str, key: str) -> None:
        """Click a button of the official account's own menu (CLICK)."""
        customer_oa.click_menu(self, self.official(place), self.customer(customer), key)

    def raise_event(self, customer: Who, place: str, event: str, fields: Json) -> None:
        """Any other official-account event, e.g. VIEW, LOCATION."""
        customer_oa.raise_event(self, self.official(place), self.customer(customer), event, fields)

    def seen_by(self, customer: Who) -> list[Line]:
        """All she was shown by others, oldest first; `Line.id` counts each showing once."""
        return self.threads.seen_by(self.customer(customer).key)

    # ── servicers and members ────────────────────────────────────────────────────────────────

    def servicer_answers(self, userid: str, customer: Who, place: str, text: str) -> Line:
        """Write to a customer in the WeCom client."""
        return servicer.answer(self._desk(place), self.customer(customer), userid, text)

    def servicer_takes_from_pool(self, userid: str, customer: Who, place: str) -> str:
        """Pick a waiting customer; the msg_code of the event."""
        return servicer.take_from_pool(self._desk(place), self.customer(customer), userid)

    def servicer_transfers(self, userid: str, customer: Who, place: str, *, to: str) -> None:
        """Hand a customer to another servicer."""
        servicer.transfer(self._desk(place), self.customer(customer), userid, to)

    def servicer_ends_session(self, userid: str, customer: Who, place: str) -> str:
        """End the session; the msg_code of the event."""
        return servicer.end_session(self._desk(place), self.customer(customer), userid)

    def servicer_recalls(self, userid: str, customer: Who, place: str, line_id: str) -> None:
        """Take back one of her messages."""
        servicer.recall(self._desk(place), self.customer(customer), userid, self._line(line_id))

    def servicer_receives(self, userid: str, place: str, *, receiving: bool, suspended: bool = False) -> None:
        """Start or stop receiving, for good or for the moment."""
        servicer.set_receiving(self._desk(place), userid, receiving=receiving, suspended=suspended)

    def member_clicks_card(self, userid: str, corp: str, msgid: str, key: str) -> str:
        """Press a button of a template card; the response_code of the event."""
        return member.click_card(self, self.corp(corp), userid, msgid, key)

    def customer_adds_member(self, customer: Who, corp: str, userid: str, *, state: str = "") -> str:
        """Become a member's external contact; the welcome code."""
        return member.add_customer(self, self.corp(corp), self.customer(customer), userid, state)

    def member_removes_customer(self, userid: str, corp: str, customer: Who) -> None:
        """The member deletes the customer."""
        member.remove_customer(self, self.corp(corp), self.customer(customer), userid)

    def member_tags_customer(
        self, userid: str, corp: str, customer: Who, group: str, name: str, *, on: bool = True
    ) -> None:
        """The member gives her customer a tag by hand, or takes it."""
        tagging.member_tags(self, self.corp(corp), self.customer(customer), userid, (group, name), on=on)

    def tag_is_deleted(self, corp: str, group: str, name: str) -> None:
        """Somebody deletes a tag in the corp's admin console."""
        tagging.delete_tag(self, self.corp(corp), group, name)

    def tags_of(self, corp: str, userid: str, customer: Who) -> tuple[str, ...]:
        """The names of the tags that a customer has with this member, sorted."""
        found = self.corp(corp)
        relation = found.relations.get(self.customer(customer).external_userid, {}).get(userid)
        return tuple(sorted(found.tags[each].name for each in relation.tags)) if relation else ()

    def customer_answers_archive(self, customer: Who, corp: str, userid: str, *, agrees: bool = True) -> None:
        """Say yes or no to a member's conversations with her being archived."""
        member.answer_archive(self, self.corp(corp), self.customer(customer), userid, agrees=agrees)

    def login_code(self, userid: str, corp: str) -> str:
        """A code for auth/getuserinfo, as the OAuth redirect brings it."""
        return member.login_code(self, self.corp(corp), userid)

    def raise_corp_event(self, corp: str, fields: Json, *, agent_id: int = 0) -> None:
        """Any other WeCom event, e.g. {"Event": "msgaudit_notify"} or kf_account_auth_change."""
        push_to_corp(self, self.corp(corp), fields, agent_id=agent_id)

    # ── set-up ───────────────────────────────────────────────────────────────────────────────

    def corp(self, name: str) -> Corp:
        """By name. Raises NotPossible."""
        if name not in self.corps:
            raise NotPossible(f"no corp {name!r}")
        return self.corps[name]

    def serve_callbacks_at(self, base_url: str) -> None:
        """Configure every callback URL as `{base_url}/callbacks/{account}`."""
        accounts: list[OfficialAccount | Corp] = [*self.officials.values(), *self.corps.values()]
        for account in accounts:
            account.callback_url = f"{base_url.rstrip('/')}/callbacks/{account.name}"

    async def verify_callback(self, name: str) -> bool:
        """Does this account's callback URL pass the platform's verification?"""
        return await verify_callback(self, self.officials[name] if name in self.officials else self.corp(name))

    def _desk(self, place: str) -> Desk:
        return Desk(self, *self.kf(place))

    def _line(self, line_id: str) -> Line:
        line = self.threads.find(line_id)
        if line is None:
            raise NotPossible("no such message")
        return line


def _label(line: Line, menu_id: str) -> str:
    items = line.body.get("list")
    for item in items if isinstance(items, list) else []:
        click = item.get("click", item)
        if str(click.get("id", "")) == menu_id:
            return str(click.get("content", ""))
    raise NotPossible(f"no item {menu_id!r} in that menu")

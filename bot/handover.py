"""How does a hand-over reach a person, and how does it come back? Desk commands and the words around them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select, update

from archive import Archive, Voice
from bot.content.shop import Shop
from bot.domain import HandOver, TextContent
from bot.moments import say_moment
from bot.speech import AccountPlan
from bot.store.serial import content_to_json
from bot.store.tables import cards, conversations, customers
from bot.store.views import Act, Claimed, ConversationMoved, Effect, EffectKind
from handoff import Desk, NewTicket, Refused, Summary, Ticket, Utterance, Verdict

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

SCENE = "scene"  # among what is collected: no fact of the customer's own
MOST_FACTS = 3  # on a card, which has room for six lines (wechat-platform §4.3)
LAST_UTTERANCES = 6  # how much of the conversation an agent sees on the card's ticket at once

# What a card's buttons are called in the callback (EventKey).
ACCEPT, PASS, LATER = "accept", "pass", "later"
# 微信客服 session states (wechat-platform §2.3 [W 94669]).
BOT_SERVES: Final = 1  # and the API may speak
IN_POOL: Final = 2
PERSON_SERVES: Final = 3
ENDED: Final = 4


@dataclass(frozen=True, slots=True)
class Handover:
    """Opens tickets and tells agents; everything happens in the transaction of the turn."""

    desk: Desk
    archive: Archive
    now: Callable[[], datetime]
    public_url: str

    def notice(self, shop: Shop, decision: HandOver, values: Mapping[str, str]) -> str:
        """What the customer is told when a person is called: by whom she is served, or from when on.

        values: what she told us, by the slot's name.
        """
        now, region = self.now(), shop.region_in(values)
        opens = shop.opens_next(now, region, team=decision.team)
        if opens is None:
            return shop.phrases.say("customer.handed_over_closed")
        if opens > now:
            return shop.phrases.say("customer.handed_over_off_hours", opens=say_moment(opens, now, shop.phrases))
        return shop.phrases.say("customer.handed_over", team=shop.team_name(decision.team))

    def open(
        self, claimed: Claimed, plan: AccountPlan, shop: Shop, decision: HandOver, values: Mapping[str, str]
    ) -> Act:
        """An act that opens the ticket, queues the session where WeCom has one, and tells the team.

        values: what the customer told us, by the slot's name.
        """
        told = {slot.title: values[slot.name] for slot in shop.slots if slot.name in values}

        async def act(connection: AsyncConnection, conversation_id: int) -> Sequence[Effect]:
            address = claimed.message.address
            ticket = await self.desk.open_ticket(
                connection,
                NewTicket(
                    conversation_id=conversation_id,
                    expected_version=claimed.conversation.version or 1,
                    account=address.account,
                    channel=claimed.message.channel.value,
                    customer=address.customer,
                    verdict=Verdict(
                        hand_over=True,
                        reason=decision.reason,
                        signals=decision.signals,
                        team=decision.team,
                        priority=decision.priority,
                        rule=decision.rule,
                    ),
                    summary=await self._summary(connection, claimed, conversation_id, decision, told),
                    by="bot",
                ),
            )
            if isinstance(ticket, Refused):
                raise ConversationMoved(f"conversation {conversation_id}: {ticket.reason}")
            effects: list[Effect] = []
            if plan.handoff == "client":
                effects.append(Effect(kind=EffectKind.SESSION, payload={"state": IN_POOL}))
            card = await self.card(connection, plan, shop, ticket)
            return [*effects, *([card] if card is not None else [])]

        return act

    async def _summary(
        self,
        connection: AsyncConnection,
        claimed: Claimed,
        conversation_id: int,
        decision: HandOver,
        told: Mapping[str, str],
    ) -> Summary:
        said = await self.archive.transcript(connection, conversation_id, limit=LAST_UTTERANCES)
        scene = claimed.message.scene or claimed.conversation.scene
        return Summary(
            asked=_question(claimed, decision),
            tried=tuple(entry.text for entry in said if entry.voice is Voice.BOT and entry.text)[-3:],
            collected={**told, **({SCENE: scene} if scene else {})},
            utterances=tuple(Utterance(author=entry.voice.value, text=entry.text, at=entry.at) for entry in said),
        )

    async def card(self, connection: AsyncConnection, plan: AccountPlan, shop: Shop, ticket: Ticket) -> Effect | None:
        """A card with buttons for the agents of the ticket's team; None where no WeCom app can carry it."""
        receivers = [agent.id for agent in await self.desk.agents(connection) if ticket.team in agent.teams]
        if not plan.cards_via or not receivers:
            return None
        # An app may use a task_id once (wechat-platform §4.3), and a ticket that comes back to a queue gets a new card.
        task_id = f"ticket-{ticket.id}-{uuid.uuid4().hex}"
        await connection.execute(
            insert(cards).values(
                task_id=task_id,
                account=plan.cards_via,
                ticket_id=ticket.id,
                conversation_id=ticket.conversation_id,
                receivers=receivers,
                state="open",
                sent_at=self.now(),
            )
        )
        payload = self.card_payload(shop, ticket, via=plan.cards_via, name=await name_of(connection, ticket))
        return Effect(
            kind=EffectKind.CARD, ordered=False, payload={**payload, "task_id": task_id, "receivers": receivers}
        )

    def card_payload(self, shop: Shop, ticket: Ticket, *, via: str, name: str) -> Mapping[str, object]:
        """What a card says about a ticket of the customer `name`; task_id and receivers are the caller's."""
        say = shop.phrases.say
        told = [[title, value[:60]] for title, value in ticket.summary.collected.items() if title != SCENE]
        return {
            "via": via,
            "ticket_id": ticket.id,
            "title": say("agent.card_title", customer=name),
            "description": say("agent.card_description", reason=say(f"reasons.{ticket.reason}")),
            "fields": [
                [say("agent.card_question"), ticket.summary.asked[:60]],
                *told[:MOST_FACTS],
                [say("agent.card_team"), shop.team_name(ticket.team)],
                [say("agent.card_channel"), say(f"channels.{ticket.channel}")],
            ],
            "buttons": [
                [ACCEPT, say("agent.card_accept")],
                [PASS, say("agent.card_pass")],
                [LATER, say("agent.card_later")],
            ],
            "url": f"{self.public_url}/console/tickets/{ticket.id}",
        }

    async def queue_again(
        self,
        connection: AsyncConnection,
        plan: AccountPlan,
        shop: Shop,
        conversation_id: int,
        *,
        agent: str,
        cause: str,
    ) -> Sequence[Effect]:
        """Back to the team's queue: the agent who had it cannot serve. Effects tell the team anew."""
        version = select(conversations.c.version).where(conversations.c.id == conversation_id)
        queued = await self.desk.release(
            connection,
            conversation_id,
            (await connection.execute(version)).scalar_one(),
            agent_id=agent,
            cause=cause,
            by="system",
        )
        if isinstance(queued, Refused):  # it went on meanwhile: whoever has it now serves
            return ()
        card = await self.card(connection, plan, shop, queued.ticket)
        return [card] if card is not None else []

    async def settle_cards(self, connection: AsyncConnection, ticket_id: int, replace_name: str) -> Sequence[Effect]:
        """Effects that replace the buttons of every open card of a ticket by words."""
        open_cards = (
            await connection.execute(select(cards).where(cards.c.ticket_id == ticket_id, cards.c.state == "open"))
        ).all()
        await connection.execute(
            update(cards).where(cards.c.ticket_id == ticket_id, cards.c.state == "open").values(state="settled")
        )
        return [
            Effect(
                kind=EffectKind.CARD_UPDATE,
                ordered=False,
                payload={"task_id": card.task_id, "via": card.account, "replace_name": replace_name},
            )
            for card in open_cards
        ]

    def joined(self, plan: AccountPlan, shop: Shop, agent: str) -> Sequence[Effect]:
        """Effects after a person took the conversation: WeCom is told, and the customer."""
        words = shop.phrases.say("customer.agent_joined", agent=shop.agent_name(agent))
        content = content_to_json(TextContent(words))
        if plan.handoff == "client":
            return [Effect(kind=EffectKind.SESSION, payload={"state": PERSON_SERVES, "agent": agent, "say": content})]
        return [Effect(kind=EffectKind.SEND, payload={"content": content})]

    def left(self, plan: AccountPlan, shop: Shop, agent: str, *, back_to_bot: bool) -> Sequence[Effect]:
        """Effects after a person ended the service from the workbench."""
        name = "customer.agent_returned" if back_to_bot else "customer.agent_left"
        words = shop.phrases.say(name, agent=shop.agent_name(agent)) if back_to_bot else shop.phrases.say(name)
        content = content_to_json(TextContent(words))
        if plan.handoff == "client":
            return [Effect(kind=EffectKind.SESSION, payload={"state": ENDED, "say": content})]
        return [Effect(kind=EffectKind.SEND, payload={"content": content})]


def _question(claimed: Claimed, decision: HandOver) -> str:
    """What the customer wants to know: "a person, please" is not it, what she wrote before that may be."""
    if decision.left_open:
        return "\n".join(decision.left_open)
    if decision.reason == "asked_for_person" and claimed.recent:
        return claimed.recent[-1]
    return "\n".join(text for text in claimed.texts if text)


async def name_of(connection: AsyncConnection, ticket: Ticket) -> str:
    """What the customer calls herself, or the end of her id where the platform does not tell."""
    known = await connection.execute(
        select(customers.c.nickname).where(
            customers.c.account == ticket.account, customers.c.customer == ticket.customer
        )
    )
    return known.scalar_one_or_none() or ticket.customer[-6:]

"""Does she take back what she agreed to, and does she mean it? Asked by a menu; nothing is done without her yes to it.

Each question has a number of its own, and only the last one counts: a click on an older menu asks again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, tuple_

from archive import Archive, Entry, Voice
from archive.consent import EVERYWHERE, Consent, ConsentFact, Consents
from bot.content.shop import Shop
from bot.domain import AskBack, Choice, MenuContent, Speaker, TextContent
from bot.endings import Endings, Held
from bot.forgetting import find_person
from bot.handover import unmoved
from bot.speech import AccountPlan, Speech
from bot.store.engine import read_only
from bot.store.tables import conversations
from bot.store.views import Act, Claimed, ConversationMoved, Effect, TurnRecord
from handoff import Refused

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_CLICK: Final = re.compile(r"withdraw:[0-9]{1,18}:(yes|no)")
SAID_SO: Final = "customer"  # how we know, in the ledger
MARKS: Final = "withdrawal"  # the transcript's source of the line that tells agents


def withdrawal_question(shop: Shop, number: int, *, again: bool = False) -> AskBack:
    """The question of this number, to whoever wants to be forgotten."""
    say = shop.phrases.say
    yes = Choice(f"withdraw:{number}:yes", say("withdrawal.yes"))
    no = Choice(f"withdraw:{number}:no", say("withdrawal.no"))
    return AskBack(say("withdrawal.ask_again" if again else "withdrawal.ask"), (yes, no))


@dataclass(frozen=True, slots=True)
class Reply:
    """What she says to the question. current: it is the one she was asked last, and nothing was said since."""

    means_it: bool
    current: bool


@dataclass(frozen=True, slots=True)
class Withdrawing:
    """Asks, recognises the reply, and records the withdrawal, which opens the purge."""

    engine: AsyncEngine
    consents: Consents
    archive: Archive
    endings: Endings
    speech: Speech
    now: Callable[[], datetime]

    def question(self, claimed: Claimed, shop: Shop, *, again: bool = False) -> AskBack:
        """Whether she means it. again: because an older menu was clicked."""
        return withdrawal_question(shop, claimed.inbox_id, again=again)

    def reply_of(self, claimed: Claimed) -> Reply | None:
        """Her reply, if this message is one: a click, or its number or very words, alone, while it is the question."""
        picked = claimed.picked
        click = _CLICK.fullmatch(picked)
        if click is None or (claimed.earlier and not claimed.message.choice):
            return None
        return Reply(click[1] == "yes", any(each.id == picked for each in claimed.conversation.choices))

    async def turn(self, claimed: Claimed, plan: AccountPlan, shop: Shop, reply: Reply) -> TurnRecord:
        """The turn that does what she chose; no engine is asked."""
        if reply.means_it and reply.current:
            said = self._say(claimed, plan, TextContent(shop.phrases.say("withdrawal.done")))
            return replace(self._noted(claimed, "withdrew", said), choices=(), act=self._withdraw(claimed, shop))
        if not reply.means_it:
            said = self._say(claimed, plan, TextContent(shop.phrases.say("withdrawal.kept")))
            noted = self._noted(claimed, "kept", said)
            return replace(noted, choices=()) if reply.current else noted
        if await self._has_withdrawn(claimed):
            said = self._say(claimed, plan, TextContent(shop.phrases.say("withdrawal.already")))
            return self._noted(claimed, "withdrew before", said)
        if claimed.conversation.owner != "bot":
            return self._noted(claimed, "an old menu", ())
        question = self.question(claimed, shop, again=True)
        said = self._say(claimed, plan, MenuContent(question.question, question.choices))
        noted = self._noted(claimed, "an old menu", said)
        return replace(noted, decision="asked_back", opens=True, choices=question.choices)

    def _say(self, claimed: Claimed, plan: AccountPlan, content: TextContent | MenuContent) -> tuple[Effect, ...]:
        """Nothing where a person serves her, who sees it and tells her."""
        if claimed.conversation.owner != "bot":
            return ()
        budget = self.speech.window_after(claimed.message, claimed.budget) or claimed.budget
        return self.speech.say(plan, (content,), speaker=Speaker.SYSTEM, budget=budget, inline=True)

    def _noted(self, claimed: Claimed, reason: str, said: tuple[Effect, ...]) -> TurnRecord:
        return TurnRecord(
            decision="withdrawal",
            reason=reason,
            opens=False,
            failures=claimed.conversation.failures,
            choices=claimed.conversation.choices,
            effects=said,
            window=self.speech.window_after(claimed.message, claimed.budget),
        )

    async def _has_withdrawn(self, claimed: Claimed) -> bool:
        address = claimed.message.address
        async with read_only(self.engine).connect() as connection:
            return bool(await self.consents.withdrawn(connection, [(address.account, address.customer)]))

    def _withdraw(self, claimed: Claimed, shop: Shop) -> Act:
        """An act: the ledger has it under all her names, and with that the purge is ordered; agents see it.

        Her conversation with the bot is over by it, for the purge waits for open ones; a person's goes on.
        """
        address = claimed.message.address

        async def act(connection: AsyncConnection, _: int) -> Sequence[Effect]:
            person = await find_person(connection, self.archive.tables, f"{address.account}/{address.customer}")
            now = self.now()
            facts = [ConsentFact(*name, EVERYWHERE, Consent.WITHDRAWN, now, SAID_SO) for name in person.names]
            await self._tell_agents(connection, shop, person.names, claimed.inbox_id)
            await self.consents.record(connection, facts)
            if claimed.conversation.owner != "bot":
                await unmoved(connection, claimed)
                return ()
            held = Held.claimed(claimed)
            ended = await self.endings.close(connection, shop, held, by="customer", outcome="withdrawn")
            if isinstance(ended, Refused):
                raise ConversationMoved(f"conversation {held.id}: {ended.reason}")
            return ended.effects

        return act

    async def _tell_agents(
        self, connection: AsyncConnection, shop: Shop, names: Sequence[tuple[str, str]], inbox_id: int
    ) -> None:
        """A line in each conversation of hers that is open."""
        c, now = conversations.c, self.now()
        hers = tuple_(c.account, c.customer).in_(list(names))
        rows = await connection.execute(select(c.id, c.account, c.customer).where(c.state == "open", hers))
        lines = [
            Entry(
                source=MARKS,
                source_id=f"{row.id}-{inbox_id}",
                conversation_id=row.id,
                account=row.account,
                customer=row.customer,
                voice=Voice.SYSTEM,
                who="",
                kind="marker",
                at=now,
                text=shop.phrases.say("transcript.withdrew"),
                body={},
            )
            for row in rows
        ]
        await self.archive.append(connection, lines)

"""What of a customer who never had a ticket may an agent see beside the chat? What needs none: her name, and scripts.

The workbench lets somebody see a customer by a ticket: her own, her team's, from her region. Where there is none, that
rule shows nobody anything, so she is shown what the chat that she came from shows her anyway: the nickname and the
channel of this very chat, and that no ticket is there. Her words come by the archive's rule alone (`Lookout`): who has
the right archive.read and may look at every team, within her regions, sees also what only the bot answered; masked,
and only what may be analysed. Suggestions are made of these words, so they follow the same rule. A customer whose
tickets are all others' is not ticketless: she stays closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive import Entry
from bot.access import Right
from bot.console.access import Viewer
from bot.console.catalogue import text
from bot.console.console import Console
from bot.console.lookout import lookout_of
from bot.console.names import Names
from bot.customer_card import CustomerCard, KnownAs


@dataclass(frozen=True, slots=True)
class TicketlessView:
    """known_as: (channel, nickname, since) of this chat's name. asked, asked_at, asked_key: as in `CardView`.

    hidden: her words are not for these eyes.
    """

    name: str
    known_as: tuple[tuple[str, str, str], ...]
    asked: str
    asked_at: str
    asked_key: str
    hidden: bool


async def is_ticketless(console: Console, card: CustomerCard, account: str, customer: str) -> bool:
    """Is she known to us, and has no name of hers any ticket?"""
    if card.tickets:
        return False
    return bool(card.names) or await console.supervision.archive.has_written(account, customer)


async def words_of(
    console: Console, who: Viewer, card: CustomerCard, account: str, customer: str
) -> Sequence[Entry] | None:
    """What a ticketless customer wrote last in this chat, oldest first, masked; None where it is not for these eyes."""
    if not who.may(Right.ARCHIVE_READ):
        return None
    home = next((each.home for each in _here(card, account, customer)), ())
    return await console.supervision.archive.last_words(account, customer, home, lookout_of(who, console))


def ticketless_view(
    card: CustomerCard, account: str, customer: str, words: Sequence[Entry] | None, names: Names
) -> TicketlessView:
    """The page's words."""
    here = _here(card, account, customer)
    last = words[-1] if words else None
    return TicketlessView(
        name=names.customer(account, customer, here[0].nickname if here else ""),
        known_as=tuple((names.channel(each.channel), each.nickname, names.moment(each.since)) for each in here),
        asked="" if last is None else last.text or text("sidebar.no_words"),
        asked_at="" if last is None else names.moment(last.at),
        asked_key="" if last is None else str(last.id),
        hidden=words is None,
    )


def _here(card: CustomerCard, account: str, customer: str) -> list[KnownAs]:
    """Her name in this chat, if there is one: whom else she is over other channels, this chat does not show."""
    return [each for each in card.names if (each.account, each.customer) == (account, customer)]

"""What does the store hand out, and what does it take in? Frozen values, no SQL."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain import Address, Choice, Inbound, Speaker

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.learning import Heard


class StaleLease(Exception):  # noqa: N818 - reads as the fact it is
    """Our lease ran out and somebody else may have taken over: nothing was written."""


class ConversationMoved(Exception):  # noqa: N818 - reads as the fact it is
    """The conversation changed hands while we were deciding: decide again on what is true now."""


TAKEN_OVER = "a person took over"  # why words of the bot's are dropped that were decided before


class EffectKind(StrEnum):
    """What an outbox row does to the outside world."""

    SEND = "send"  # say something to the customer
    WELCOME = "welcome"  # say something by a single-use code (send_msg_on_event)
    SESSION = "session"  # move a 微信客服 session to another state
    CARD = "card"  # tell agents by a template card with buttons
    CARD_UPDATE = "card_update"  # replace the buttons of a card that was settled
    TELL_AGENT = "tell_agent"  # plain words to one agent in WeCom
    FETCH_MEDIA = "fetch_media"  # copy a picture, voice, video or file to our own store
    PROFILE = "profile"  # ask the platform who this customer is


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect to be written with the turn that decided it.

    ordered: waits until earlier ordered effects to the same address are done.
    inline: may leave inside the response to the callback being answered (passive answering).
    delay_s: not before so many seconds. dropped: it was decided and must not happen, for this reason; a trace stays.
    address_id, conversation_id: default to those of the turn.
    """

    kind: EffectKind
    payload: Mapping[str, object]
    speaker: Speaker = Speaker.SYSTEM
    ordered: bool = True
    inline: bool = False
    expires_at: datetime | None = None
    delay_s: float = 0.0
    dropped: str = ""
    address_id: int | None = None
    conversation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """Proof that one worker serves one address until it expires."""

    address_id: int
    token: str


@dataclass(frozen=True, slots=True)
class Budget:
    """How many messages the platform still lets us send to this address, until when."""

    sends_left: int
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A fact we asked the customer for and have not got. question: what she wanted. times: how often we asked."""

    slot: str
    question: str
    times: int


@dataclass(frozen=True, slots=True)
class Collected:
    """What the customer told us that survives over turns. values: by the slot's name in the pack."""

    values: Mapping[str, str] = field(default_factory=dict)
    asked: Asked | None = None


NOTHING_COLLECTED = Collected()


@dataclass(frozen=True, slots=True)
class Stretch:
    """The last time a person had a conversation.

    agent: who. outcome: how she ended it. asked: whether the customer was asked how satisfied she is.
    """

    ticket: int
    agent: str
    outcome: str
    ended_at: datetime
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Owed:
    """An answer that the customer is owed: the end of a session closed her ticket. since: when that was seen."""

    ticket: int
    since: datetime


@dataclass(frozen=True, slots=True)
class ConversationView:
    """A conversation as the decision sees it.

    id is 0 where none is open yet: then promises, stretch and owed are what her last conversation left. tags,
    region: of the customer, as her profile says.
    """

    id: int
    version: int
    owner: str  # bot | queue | agent
    team: str
    agent: str
    ticket_id: int
    failures: int
    choices: tuple[Choice, ...]
    scene: str
    promises: tuple[str, ...]
    session_state: int | None
    collected: Collected = NOTHING_COLLECTED
    stretch: Stretch | None = None
    owed: Owed | None = None
    tags: tuple[str, ...] = ()
    region: tuple[str, ...] = ()


NO_CONVERSATION = ConversationView(
    id=0,
    version=0,
    owner="bot",
    team="",
    agent="",
    ticket_id=0,
    failures=0,
    choices=(),
    scene="",
    promises=(),
    session_state=None,
)


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message that is read together with the one after it."""

    inbox_id: int
    message: Inbound


def written_choice(text: str, choices: Sequence[Choice]) -> str:
    """The id of the item whose number or very words these are, where menus cannot be clicked; "" if none."""
    written = text.strip()
    for number, choice in enumerate(choices, start=1):
        if written in {str(number), choice.label}:
            return choice.id
    return ""


@dataclass(frozen=True, slots=True)
class Claimed:
    """The next message of an idle address, ours until the lease expires.

    attempts: how often it was claimed, this time included. recent: what the customer wrote before, oldest first.
    position: the last latitude, longitude in degrees that she sent, with `message` or among those before it.
    earlier: the messages of the same thought that `message` ends, oldest first; each gets a turn of its own.
    """

    lease: Lease
    inbox_id: int
    message: Inbound
    answerable: bool
    attempts: int
    conversation: ConversationView
    budget: Budget
    recent: tuple[str, ...] = ()
    position: tuple[float, float] | None = None
    earlier: tuple[Bubble, ...] = ()

    @property
    def inbox_ids(self) -> tuple[int, ...]:
        """Of all messages that are claimed, in order."""
        return (*(each.inbox_id for each in self.earlier), self.inbox_id)

    @property
    def picked(self) -> str:
        """Id of the menu item that she clicked, or wrote the number or the very words of; "" if none."""
        return self.message.choice or written_choice(self.message.text, self.conversation.choices)

    @property
    def texts(self) -> tuple[str, ...]:
        """What was written, message by message."""
        return (*(each.message.text for each in self.earlier), self.message.text)


Act = Callable[["AsyncConnection", int], Awaitable[Sequence[Effect]]]


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """What was decided about one message, to be written in one transaction.

    opens: whether a conversation is opened where none is. act: what else must happen in the same
    transaction (ticket, claim…), given the connection and the conversation id; it returns more effects.
    window: the new send budget, None to leave it. collected: None to leave what is kept.
    """

    decision: str
    reason: str
    explanation: Mapping[str, object] = field(default_factory=dict)
    opens: bool = True
    failures: int = 0
    choices: tuple[Choice, ...] = ()
    scene: str = ""
    session_state: int | None = None
    effects: tuple[Effect, ...] = ()
    act: Act | None = None
    window: Budget | None = None
    collected: Collected | None = None
    heard: Heard | None = None


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """One claimed effect.

    interrupted: an earlier try ended without telling how (crash, lost lease). spent: counted against the budget.
    owner, channel, session_state: the conversation's when it was claimed, "" and None without one.
    """

    id: int
    msgid: str
    kind: EffectKind
    address_id: int
    address: Address
    conversation_id: int | None
    owner: str
    channel: str
    session_state: int | None
    turn_id: int | None
    speaker: Speaker
    payload: Mapping[str, object]
    attempts: int
    interrupted: bool
    spent: bool
    expires_at: datetime | None
    token: str

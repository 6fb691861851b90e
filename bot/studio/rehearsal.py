"""What would a customer be told? A conversation played through with one mind; nothing is written, nothing leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.channels.text import for_understanding
from bot.decide import CHOICE_PREFIX
from bot.domain import ChannelKind, Choice, Content, Decision, HandOver, TextContent
from bot.insight import Question
from bot.mind import Mind
from bot.settling import last_of, named, notice_of, remembered, say, settle
from bot.store.views import NOTHING_COLLECTED, Collected, written_choice
from bot.withdrawing import withdrawal_question

RECENT = 3  # earlier messages that a follow-up may lean on, as the store gives them
KEY = "rehearsal"  # ready replies to small talk are chosen by the message's id: here always the same one


@dataclass(frozen=True, slots=True)
class Customer:
    """Who she is said to be."""

    channel: ChannelKind = ChannelKind.WECOM_KF
    scene: str = ""
    tags: tuple[str, ...] = ()
    region: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One message and what it got. explanation: as `explain` tells it. team: where it was handed over to."""

    text: str
    decision: str
    reason: str
    contents: tuple[Content, ...]
    explanation: Mapping[str, object]
    read_as: str
    team: str = ""
    rule: str = ""

    @property
    def told(self) -> tuple[str, ...]:
        """What makes it another turn in the eyes of the customer: words, and what is beside them."""
        return tuple(map(repr, self.contents))


@dataclass(frozen=True, slots=True)
class _State:
    failures: int = 0
    recent: tuple[str, ...] = ()
    collected: Collected = NOTHING_COLLECTED
    choices: tuple[Choice, ...] = ()
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Plays what the journey does from understanding to words, without store and platform."""

    timeout_s: float
    clock: Callable[[], float]
    now: Callable[[], datetime]

    async def play(self, mind: Mind, customer: Customer, messages: Sequence[str]) -> tuple[Turn, ...]:
        """Each message of one conversation in turn. Once she waits for a person, the bot is silent."""
        state, turns = _State(), []
        for text in messages:
            turn, state = await self._turn(mind, customer, state, text)
            turns.append(turn)
        return tuple(turns)

    async def _turn(self, mind: Mind, customer: Customer, state: _State, text: str) -> tuple[Turn, _State]:
        if (replied := _to_withdrawal(text, state.choices)) is not None:
            say_it = mind.shop.phrases.say
            told = TextContent(say_it("withdrawal.done" if replied == "done" else "withdrawal.kept"))
            return Turn(text, "answered", replied, (told,), {}, text), _State()
        question = self._question(customer, state, text)
        if state.waits:
            insight = mind.not_asked(question)
        else:
            insight = await mind.consider(question, key=KEY, timeout_s=self.timeout_s, clock=self.clock)
        asked, owner = withdrawal_question(mind.shop, 0), "queue" if state.waits else "bot"
        decision = settle(insight, mind.shop, asked, owner=owner, is_text=bool(text))
        name, reason = named(decision)
        collected = remembered(insight, decision)
        saying, last = say(decision, mind.shop), last_of(decision)
        words: tuple[Content, ...] = (*saying.certain, *saying.contents)
        if isinstance(last, HandOver):
            words += (TextContent(notice_of(mind.shop, last.team, collected.values, self.now())),)
        turn = Turn(
            text, name, reason, (*words, *saying.attached), insight.explanation, insight.whole.text, *_route(decision)
        )
        return turn, _State(
            failures=0 if isinstance(last, HandOver) else insight.failures,
            recent=(*state.recent, for_understanding(text))[-RECENT:],
            collected=collected,
            choices=saying.choices,
            waits=state.waits or isinstance(last, HandOver),
        )

    def _question(self, customer: Customer, state: _State, text: str) -> Question:
        choice = written_choice(text, state.choices)
        wanted = for_understanding(text)
        is_script = choice.startswith(CHOICE_PREFIX)
        return Question(
            text=wanted,
            words=wanted,
            channel=customer.channel,
            at=self.now(),
            picked=choice.removeprefix(CHOICE_PREFIX) if is_script else "",
            choice="" if is_script else choice,
            failures=state.failures,
            recent=state.recent,
            collected=state.collected,
            scene=customer.scene,
            tags=customer.tags,
            region=customer.region,
        )


def _route(decision: Decision) -> tuple[str, str]:
    last = last_of(decision)
    return (last.team, last.rule) if isinstance(last, HandOver) else ("", "")


def _to_withdrawal(text: str, choices: Sequence[Choice]) -> str | None:
    """What she is told who was asked whether she wants to be forgotten; None where she says something else."""
    chosen = written_choice(text, choices)
    if not chosen.startswith("withdraw:"):
        return None
    return "done" if chosen.endswith(":yes") else "kept"

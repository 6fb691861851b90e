"""What is decided about a message that was considered, and which words of the shop say so? Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.content.shop import Shop
from bot.decide import Situation, decide
from bot.domain import (
    Answer,
    AskBack,
    AskSlot,
    Choice,
    Content,
    Decision,
    HandOver,
    MenuContent,
    Several,
    StaySilent,
    TextContent,
)
from bot.insight import Insight
from bot.moments import say_moment
from bot.store.views import Asked, Collected


@dataclass(frozen=True, slots=True)
class Saying:
    """Words of one decision. certain: about the questions that have an answer, before `contents` about the others.

    attached: what is sent after all words. A hand-over has no words here: `notice_of` has.
    """

    certain: tuple[TextContent, ...] = ()
    contents: tuple[TextContent | MenuContent, ...] = ()
    choices: tuple[Choice, ...] = ()
    attached: tuple[Content, ...] = ()


def settle(insight: Insight, shop: Shop, withdrawal: AskBack, *, owner: str, is_text: bool) -> Decision:
    """The decision. withdrawal: what is asked of who wants to be forgotten. owner: bot | queue | agent.

    is_text: whether she wrote words.
    """
    say = shop.phrases.say
    return decide(
        Situation(
            owner=owner,
            whole=insight.whole,
            parts=insight.parts,
            wordings={
                "ask_back": say("customer.ask_back"),
                "ask_back_none": say("customer.ask_back_none"),
                "ask_again": say("customer.ask_again" if is_text else "customer.not_text"),
                "ask_rest": say("customer.ask_rest"),
                "ask_rest_again": say("customer.ask_rest_again"),
            },
            choices=shop.tariff.choices,
            withdrawal=withdrawal,
        )
    )


def last_of(decision: Decision) -> Decision:
    """What it ends with: of several, what is done about the rest."""
    return decision.rest if isinstance(decision, Several) and decision.rest is not None else decision


def named(decision: Decision) -> tuple[str, str]:
    """The decision and its reason by the names that turns are recorded under."""
    match last_of(decision):
        case Answer(script_id=script_id):
            return "answered", script_id
        case Several(answers=answers):
            return "answered", " ".join(each.script_id for each in answers)
        case AskBack(choices=choices):
            return "asked_back", "choices" if choices else "nothing found"
        case AskSlot(slot=slot):
            return "asked_back", f"slot {slot}"
        case HandOver(reason=reason):
            return "handed_over", reason
        case StaySilent(reason=reason):
            return "silent", reason


def say(decision: Decision, shop: Shop) -> Saying:
    """What is said, in order."""
    match decision:
        case Answer(text=text, attachments=attached):
            return Saying(contents=(TextContent(text),), attached=attached)
        case AskBack(question=question, choices=()) | AskSlot(question=question):
            return Saying(contents=(TextContent(question),))
        case AskBack(question=question, choices=choices):
            return Saying(contents=(MenuContent(question, choices),), choices=choices)
        case Several(answers=answers, rest=rest):
            certain = _in_one(answers, shop)
            attached = tuple(each for answer in answers for each in answer.attachments)
            if rest is None:
                return Saying(contents=(certain,), attached=attached)
            return replace(say(rest, shop), certain=(certain,), attached=attached)
        case HandOver() | StaySilent():
            return Saying()


def remembered(insight: Insight, decision: Decision) -> Collected:
    """What is kept of what she told; and what we wait for, if we ask for a fact now."""
    match last_of(decision):
        case AskSlot(slot=slot):
            asking = (part for part in (*insight.parts, insight.whole) if part.need and part.need.slot == slot)
            before = insight.collected.asked
            times = before.times if before is not None and before.slot == slot else 0
            return replace(insight.collected, asked=Asked(slot, next(asking).text, times + 1))
        case HandOver():
            return replace(insight.collected, asked=None)
        case _:
            return insight.collected


def notice_of(shop: Shop, team: str, values: Mapping[str, str], now: datetime) -> str:
    """What the customer is told when a person is called, whatever her place in the queue: by whom, or from when on.

    values: what she told us, by the slot's name.
    """
    opens = shop.opens_next(now, shop.region_in(values), team=team)
    if opens is None:
        return shop.phrases.say("customer.handed_over_closed")
    if opens > now:
        return shop.phrases.say("customer.handed_over_off_hours", opens=say_moment(opens, now, shop.phrases))
    return shop.phrases.say("customer.handed_over", team=shop.team_name(team))


def _in_one(answers: Sequence[Answer], shop: Shop) -> TextContent:
    """Answers to several questions as one message, numbered if there are several."""
    if len(answers) == 1:
        return TextContent(answers[0].text)
    numbered = [
        shop.phrases.say("customer.several_item", number=number, answer=answer.text)
        for number, answer in enumerate(answers, start=1)
    ]
    return TextContent("\n".join(numbered))

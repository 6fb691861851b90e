"""Is everybody's work drawn who spoke in a conversation, and by whom may it be?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from archive import Entry, Voice
from archive.analysis import ForbiddenPhrase, QualityRule, Severity
from archive.reviews import Review, ReviewSelection
from bot.access import Actor
from bot.supervision import Drawing, Lookout
from tests.archive.analysis.ground import Trial
from tests.console.desk import Shopfront
from tests.console.supervised import SHEET

RULE = QualityRule("没有回答", Severity.MAJOR, ForbiddenPhrase(("不关我事",)))
SAID = (
    (Voice.CUSTOMER, "", "为什么还没退款？"),
    (Voice.AGENT, "chenjing", "不关我事，我叫售后来"),  # as often as her colleague, and first: it counts as hers
    (Voice.AGENT, "wangfang", "您好，已经在退了"),
)
EVERYTHING = Lookout("limei", everything=True)


async def fill(front: Shopfront) -> None:
    """A conversation in which two agents spoke, of different teams."""
    start = front.clock() - timedelta(hours=1)
    front.shop = replace(front.shop, quality=(RULE,), sheets=(SHEET,))
    trial = Trial(front.engine, front.archive, rules=(RULE,), time=front.clock())
    for place, (voice, who, text) in enumerate(SAID):
        at = start + timedelta(minutes=place)
        await trial.add(Entry("test", str(place), None, "shop", "amy", voice, "text", at, text, who=who))
    await trial.work()


async def drawn(front: Shopfront, lookout: Lookout) -> dict[str, Review]:
    """The reviews there are after a sample was drawn, by whose work it is."""
    now, desk = front.clock(), front.console.supervision.reviews
    drawing = Drawing(now - timedelta(days=1), now, 3, SHEET.name, ("limei",))
    made = await desk.draw(drawing, lookout, actor=Actor("limei"))
    assert await desk.draw(drawing, lookout, actor=Actor("limei")) == 0  # the same again
    reviews = await desk.listed(ReviewSelection())
    assert made == len(reviews)
    return {each.agent: each for each in reviews}


async def test_each_who_spoke_is_reviewed_for_what_she_did(front: Shopfront) -> None:
    await fill(front)
    reviews = await drawn(front, EVERYTHING)
    assert sorted(reviews) == ["chenjing", "wangfang"]
    assert len({each.anchor for each in reviews.values()}) == 1
    found = {}
    for agent, review in reviews.items():
        opened = await front.console.supervision.reviews.opened(review.id, EVERYTHING)
        assert opened
        found[agent] = [each.rule for each in opened.automatic["回答"]]
    assert found == {"chenjing": [RULE.name], "wangfang": []}


async def test_who_leads_a_team_draws_its_people_only(front: Shopfront) -> None:
    await fill(front)
    members = {"presale": frozenset({"chenjing"}), "aftersale": frozenset({"wangfang"})}
    lead = Lookout("limei", teams=frozenset({"presale"}), members=members)
    assert sorted(await drawn(front, lead)) == ["chenjing"]

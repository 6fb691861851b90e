"""Is a page told of what changes on it, and of nothing that its viewer may not see? Pure, for any ticket and viewer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from bot.access import Role, rights_of
from bot.console.access import Viewer
from bot.console.concern import Notice, Showing, notice_of
from bot.desk_list import Tab
from bot.desk_news import Moved, News
from handoff import AgentLoad, AgentStatus, Place, Summary, Ticket, TicketState, Touched

TEAMS, AGENTS = ("presale", "aftersale", "repair"), ("limei", "wangfang", "chenjing")
SOMEWHEN = datetime(2026, 3, 2, tzinfo=UTC)
REGIONS = ((), ("广东", "深圳"), ("北京",))


def _ticket(number: int, team: str, agent: str | None, state: TicketState, region: tuple[str, ...]) -> Ticket:
    return Ticket(
        id=number, conversation_id=100 + number, account="shop", channel="wecom_kf", customer="c", team=team,
        priority=3, reason="asked_for_person", rule="", signals=(), summary=Summary(asked="", tried=(), collected={}),
        state=state, agent=agent, outcome=None, opened_at=SOMEWHEN, assigned_at=None, closed_at=None, region=region,
    )  # fmt: skip


@st.composite
def tickets(draw: st.DrawFn, number: int = 1) -> Ticket:
    state = draw(st.sampled_from(TicketState))
    agent = None if state is TicketState.OPEN else draw(st.sampled_from(AGENTS))
    return _ticket(number, draw(st.sampled_from(TEAMS)), agent, state, draw(st.sampled_from(REGIONS)))


@st.composite
def viewers(draw: st.DrawFn) -> Viewer:
    works_in = tuple(sorted(draw(st.sets(st.sampled_from(TEAMS)))))
    load = AgentLoad(
        id=draw(st.sampled_from(AGENTS)), name="", capacity=3, status=AgentStatus.READY, lease_until=None, active=0,
        teams=works_in,
    )  # fmt: skip
    led = draw(st.frozensets(st.sampled_from(TEAMS), max_size=1))
    regions = draw(st.sampled_from(((), (Place.parse("广东"),))))
    agent = draw(st.sampled_from((load, None)))
    return Viewer("p", "", rights_of(Role), agent, led, (load,), regions=regions)


@st.composite
def pages(draw: st.DrawFn) -> Showing:
    talk = draw(st.sampled_from((None, 101, 102)))
    return Showing(draw(viewers()), draw(st.sampled_from(get_args(Tab))), talk)


def _lists(ticket: Ticket, page: Showing) -> bool:
    """Does it stand in her list? As `DeskList` finds it."""
    who, held = page.who, ticket.state in {TicketState.ASSIGNED, TicketState.PENDING}
    match page.tab:
        case "mine":
            return held and ticket.agent == who.agent_id
        case "waiting":
            return ticket.state is TicketState.OPEN and who.may_read(ticket)
        case _:
            return who.may_read(ticket)


@given(tickets(), tickets(), pages())
def test_whoever_gets_or_loses_a_ticket_is_told_and_who_never_could_see_it_is_not(
    before: Ticket, after: Ticket, page: Showing
) -> None:
    after = replace(after, region=before.region)  # where it comes from does not change
    holders = frozenset(each for each in (before.agent, after.agent) if each)
    moved = Moved(after, Touched(frozenset({before.team, after.team}), holders))
    notice = notice_of(News(moved=[moved], tickets=[after], conversations=frozenset({after.conversation_id})), page)
    if _lists(before, page) or _lists(after, page):
        assert notice.hers or notice.list or after.id in notice.rows
    if _lists(before, page) != _lists(after, page):
        assert notice.hers or notice.list
    if not page.who.may_read(before) and not page.who.may_read(after) and page.conversation != after.conversation_id:
        assert notice == Notice()


@given(st.lists(st.integers(1, 4).flatmap(tickets), max_size=4, unique_by=lambda each: each.id), pages())
def test_rows_are_those_of_her_list_that_were_spoken_in(spoken: list[Ticket], page: Showing) -> None:
    active = [each for each in spoken if each.state is not TicketState.CLOSED]
    news = News(tickets=active, conversations=frozenset(each.conversation_id for each in spoken))
    notice = notice_of(news, page)
    assert notice.rows == {each.id for each in active if _lists(each, page)}
    assert notice.thread == (page.conversation in news.conversations)
    assert (notice.hers, notice.list, notice.everything) == (False, False, False)


@given(pages(), st.sampled_from(AGENTS))
def test_a_colleague_at_the_same_conversation_is_told_and_she_herself_is_not(page: Showing, agent: str) -> None:
    notice = notice_of(News(presences=frozenset({(101, agent)})), page)
    assert notice == Notice(thread=page.conversation == 101 and agent != page.who.agent_id)


@given(tickets(), viewers(), st.frozensets(st.sampled_from(TEAMS), min_size=1))
def test_a_wall_is_told_of_its_teams_alone(ticket: Ticket, who: Viewer, teams: frozenset[str]) -> None:
    wall = Showing(who, teams=teams)
    moved = Moved(ticket, Touched(frozenset({ticket.team})))
    assert notice_of(News(moved=[moved]), wall) == Notice(list=ticket.team in teams)
    unanswered = bool(ticket.agent) and ticket.team in teams
    assert notice_of(News(tickets=[ticket]), wall) == Notice(list=unanswered)
    assert notice_of(News(people=True), wall) == Notice(list=True)
    assert notice_of(News(everything=True), wall).everything


NOTICES = st.builds(
    Notice,
    everything=st.booleans(),
    thread=st.booleans(),
    rows=st.frozensets(st.integers(1, 4)),
    hers=st.booleans(),
    list=st.booleans(),
)


@given(st.lists(NOTICES, min_size=1, max_size=5).flatmap(lambda one: st.tuples(st.just(one), st.permutations(one))))
def test_notices_add_up_to_the_same_in_any_order_and_said_twice(told: tuple[list[Notice], list[Notice]]) -> None:
    once, again = told
    whole = reduce(or_, once)
    assert reduce(or_, [*again, *once]) == whole
    assert bool(whole) == any(once)

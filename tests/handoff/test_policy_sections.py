"""Are people, hours, promises and regions of a handoff.yaml read, and their mistakes named with field and line?"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from handoff import Facts, Policy, PolicyError, Router, parse_policy
from handoff.policy import OfferPolicy, Overflow, SessionPolicy
from handoff.sla_policy import Danger, Escalation
from tests.handoff.policies import IN_CHINESE, policy_data

YAML = """\
version: 1
teams:
  - {id: presale, name: 售前组, supervisors: [lina], calendar: office, sla: quick, overflow: {team: aftersale, after: 10m}}
  - {id: aftersale, name: 售后组}
  - {id: nanshan, name: 南山店}
agents:
  - {id: lina, name: 李娜, teams: [presale, aftersale], capacity: 3, skills: [团购, 英语], channels: {wecom_kf: 2}, shift: office}
  - {id: wanglei, name: 王磊, teams: [nanshan], capacity: 3}
offers: {accept: 90s, most: 2, last_agent_days: 7, wrap_up: 2m, grace: 30s, near_front: 1}
slas:
  quick:
    first_response: 1m
    resolution: 2h
    steps: [{on: breach, do: tell_supervisor, after: 5m}, {on: warning, do: remind}]
calendars:
  shop: {weekly: {daily: ["09:00-21:00"]}}
  office: {weekly: {mon-fri: ["13:00-18:00", "09:00-12:00"], sat: ["22:00-26:00"]}, holidays: cn, makeup: ["10:00-16:00"], special: {2026-11-11: ["08:00-24:00"], "2026-11-12": []}}
region_calendars: {新疆: office}
regions:
  - {region: 广东/深圳, team: aftersale}
shops:
  - {name: 南山店, region: 广东/深圳/南山, lat: 22.53, lng: 113.93, team: nanshan, max_km: 30}
rules:
  - {name: 团购, when: {text_words: [团购]}, team: presale, priority: 2, skills: [团购], sla: quick, type: order}
  - {name: 就近, when: {stages: [after]}, team: nearest, fallback: presale, priority: 3}
  - {name: 其余, when: {}, team: aftersale, priority: 4}
sessions: {ended: close, within: 2h}
"""  # noqa: E501


def policy() -> Policy:
    return parse_policy(policy_data(YAML))


def test_people_and_offers_are_read() -> None:
    made = policy()
    presale = made.teams[0]
    assert (presale.supervisors, presale.calendar, presale.sla) == (("lina",), "office", "quick")
    assert presale.overflow == Overflow("aftersale", 600)
    lina = made.agents[0]
    assert (lina.skills, dict(lina.channels), lina.shift) == (("团购", "英语"), {"wecom_kf": 2}, "office")
    assert made.offers == OfferPolicy(accept_s=90, most=2, last_agent_days=7, wrap_up_s=120, grace_s=30, near_front=1)


def test_what_follows_the_end_of_a_session_is_read() -> None:
    assert policy().sessions == SessionPolicy(requeue=False, within_s=7200)
    without = parse_policy(policy_data(YAML.partition("sessions:")[0]))
    assert without.sessions == SessionPolicy(requeue=True, within_s=48 * 3600)


def test_promises_are_read_in_order_of_their_moment() -> None:
    quick = policy().slas["quick"]
    assert (quick.first_response_s, quick.next_response_s, quick.resolution_s) == (60, None, 7200)
    assert [(step.on, step.do, step.after_s) for step in quick.steps] == [
        (Danger.WARNING, Escalation.REMIND, 0),
        (Danger.BREACH, Escalation.TELL_SUPERVISOR, 300),
    ]


def test_hours_are_read() -> None:
    office = policy().calendars["office"]
    assert office.weekly[0] == ((time(9), time(12)), (time(13), time(18)))
    assert office.weekly[5] == ((time(22), time(2)),)
    assert office.weekly[6] == ()
    night = datetime(2026, 11, 14, 17, 30, tzinfo=UTC)  # Sunday 01:30 in Shanghai
    assert office.is_open(night)
    assert not office.is_open(night + timedelta(hours=1))
    assert office.is_open(datetime(2026, 11, 11, 15, 59, tzinfo=UTC))
    assert not office.is_open(datetime(2026, 11, 12, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("team", "region", "name"),
    [
        ("presale", (), "office"),
        ("aftersale", (), "shop"),
        ("aftersale", ("新疆维吾尔自治区", "喀什地区"), "office"),
        ("aftersale", ("广东省",), "shop"),
    ],
)
def test_the_narrowest_calendar_holds(team: str, region: tuple[str, ...], name: str) -> None:
    made = policy()
    assert made.calendar_of(team, region) == made.calendars[name]


@pytest.mark.parametrize(
    ("facts", "team"),
    [
        (Facts(stage="after", region=("广东省", "深圳市", "南山区")), "nanshan"),
        (Facts(stage="after", region=("广东省", "深圳市")), "aftersale"),
        (Facts(stage="after", position=(22.6, 114.0)), "nanshan"),
        (Facts(stage="after", position=(39.9, 116.4)), "presale"),
        (Facts(stage="after"), "presale"),
    ],
)
def test_the_nearest_team_serves(facts: Facts, team: str) -> None:
    assert Router(policy()).route(facts).team == team


def test_the_rule_says_skills_promise_and_type() -> None:
    verdict = Router(policy()).route(Facts(text="想团购"))
    assert (verdict.skills, verdict.sla, verdict.type) == (("团购",), "quick", "order")


@pytest.mark.parametrize(
    ("old", "new", "field", "line", "remedy"),
    [
        ("supervisors: [lina]", "supervisors: [lena]", "teams[0].supervisors[0]", 3, "no agent 'lena'"),
        ("calendar: office, sla", "calendar: ofice, sla", "teams[0].calendar", 3, "no calendar 'ofice'"),
        ("sla: quick, overflow", "sla: quik, overflow", "teams[0].sla", 3, "no SLA policy 'quik'"),
        ("overflow: {team: aftersale,", "overflow: {team: after,", "teams[0].overflow.team", 3, "no team 'after'"),
        ("overflow: {team: aftersale,", "overflow: {team: presale,", "teams[0].overflow.team", 3, "presale → presale"),
        ("name: 售后组}", "name: 售后组, overflow: {team: presale, after: 1h}}", "teams[1].overflow.team", 4,
         "aftersale → presale → aftersale"),
        ("after: 10m}", "after: 10}", "teams[0].overflow.after", 3, "no unit"),
        ("after: 10m}", "after: 10min}", "teams[0].overflow.after", 3, "write it as 90s"),
        ("shift: office", "shift: night", "agents[0].shift", 7, "no calendar 'night'"),
        ("id: nanshan,", "id: nearest,", "teams[2].id", 5, "name this team otherwise"),
        ("first_response: 1m\n    resolution: 2h\n", "warn_at: 0.5\n", "slas.quick", 11, "promises nothing"),
        ("do: remind", "do: shout", "slas.quick.steps[1].do", 14, "'remind'"),
        ("warning, do", "warned, do", "slas.quick.steps[1].on", 14, "'warning'"),
        ('["13:00-18:00"', '["11:00-18:00"', "calendars.office.weekly.mon-fri", 17, "overlap"),
        ('["13:00-18:00"', '["18:00-13:00"', "calendars.office.weekly.mon-fri[0]", 17, "ends before it begins"),
        ('["13:00-18:00"', '["1pm"', "calendars.office.weekly.mon-fri[0]", 17, "are no hours"),
        ("sat: [", 'sat-sun: ["00:00-01:00", ', "calendars.office.weekly", 17, "sat 22:00-26:00 and sun 00:00-01:00"),
        ("sat: [", "fri: [", "calendars.office.weekly", 17, "fri is there twice"),
        ("sat: [", "samstag: [", "calendars.office.weekly.samstag", 17, "are no days"),
        ("holidays: cn", "holidays: us", "calendars.office.holidays", 17, "'cn'"),
        ("shop: {weekly", "shop: {timezone: Asia/Shanghei, weekly", "calendars.shop.timezone", 16, "unknown"),
        ("region_calendars: {新疆: office}", "region_calendars: {新疆: x}", "region_calendars.新疆", 18, "'x'"),
        ("region: 广东/深圳, team: aftersale", "region: 广东/深圳, team: x", "regions[0].team", 20, "no team 'x'"),
        ("region: 广东/深圳, team", "region: 广东//深圳, team", "regions[0].region", 20, "is no region"),
        ("lat: 22.53", "lat: 222.53", "shops[0].lat", 22, "less than or equal to 90"),
        ("team: nanshan, max_km", "team: x, max_km", "shops[0].team", 22, "no team 'x'"),
        ("priority: 2, skills: [团购]", "priority: 2, skills: [粤语]", "rules[0].skills", 24, "nobody in 'presale'"),
        ("sla: quick, type", "sla: slow, type", "rules[0].sla", 24, "no SLA policy 'slow'"),
        ("team: nearest, fallback: presale", "team: nearest", "rules[1].team", 25, "add `fallback:`"),
        ("fallback: presale, priority: 3", "fallback: presale, priority: 3, skills: [英语]", "rules[1].skills", 25,
         "nobody in 'nanshan'"),
        ("team: nearest, fallback", "team: presale, fallback", "rules[1].fallback", 25, "only for `team: nearest`"),
        ("fallback: presale", "fallback: pre", "rules[1].fallback", 25, "no team 'pre'"),
        ("ended: close", "ended: forget", "sessions.ended", 27, "'requeue' or 'close'"),
        ("within: 2h", "within: 2", "sessions.within", 27, "no unit"),
        ("within: 2h", "within: 0s", "sessions.within", 27, "greater than 0"),
        ("ended: close", "end: close", "sessions.end", 27, "is not known here"),
        ("teams: [nanshan]", "teams: [presale]", "shops[0].team", 22, "nobody serves in 'nanshan'"),
    ],
)  # fmt: skip
def test_problems_name_field_line_and_remedy(old: str, new: str, field: str, line: int, remedy: str) -> None:
    assert old in YAML
    with pytest.raises(PolicyError) as caught:
        parse_policy(policy_data(YAML.replace(old, new, 1)))
    problem = next((each for each in caught.value.problems if each.field == field), None)
    assert problem is not None, caught.value
    assert remedy in problem.remedy
    assert IN_CHINESE.search(problem.said("zh"))
    assert problem.line == line


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("signals: {engine_failed: {weight: 0.5}}", "signals.engine_failed.weight: is not known here"),
        ("signals: {vip: {weight: 2}}", "signals.vip.weight: Input should be less than or equal to 1"),
        ("signals: {legal: {cost: 0}}", "signals.legal.cost: Input should be greater than 0"),
        ("signals: {moods: {weight: 1}}", "signals.moods: is not known here"),
        ("signals: {needless: {when_closed: 0.5}}", "signals.needless.when_closed"),
    ],
)
def test_signals_are_checked(section: str, said: str) -> None:
    with pytest.raises(PolicyError, match="line") as caught:
        parse_policy(policy_data(YAML.replace("rules:", f"{section}\nrules:")))
    assert said in str(caught.value)

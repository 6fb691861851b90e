"""Does a broken policy name its field, its line and the remedy?"""

from __future__ import annotations

import pytest

from handoff import Facts, PolicyError, Router, parse_policy
from tests.handoff.policies import IN_CHINESE, POLICY_YAML, policy_data, sample_policy


def test_the_sample_is_parsed() -> None:
    policy = sample_policy()
    assert [agent.teams for agent in policy.agents] == [("presale",), ("aftersale", "presale"), ("aftersale",)]
    assert policy.signals.nothing_found_times == 2


@pytest.mark.parametrize(
    ("old", "new", "field", "line", "remedy"),
    [
        ("teams: [presale], capacity: 2", "teams: [sales], capacity: 2", "agents[0].teams[0]", 6, "no team 'sales'"),
        ("    priority: 2\n", "", "rules[1].priority", 16, "missing"),
        ("priority: 1", "priority: 7", "rules[0].priority", 15, "less than or equal to 4"),
        ("signals: [complaint, legal]", "signals: [complain]", "rules[0].when.signals[0]", 13, "'complaint'"),
        ("    when: {}", "    when: {stages: [x]}", "rules[4].when", 29, "take what is left"),
        ("{id: limei,", "{id: chenjing,", "agents[1].id", 7, "used twice"),
        ("name: 其余给售后", "name: 价格与活动", "rules[4].name", 28, "used twice"),
        ("triggers:", "trigers:", "trigers", 9, "spelling"),
        ("version: 1", "version: 2", "version", 1, "1"),
        ("name: 售前组}", "name: 售前组, sla: x}", "teams[0].sla", 3, "add it under slas"),
        ("name: 售前组}", "name: 售前组, calendar: x}", "teams[0].calendar", 3, "'x'; add it under calendars"),
        ("{id: aftersale, name", "{id: after, name", "agents[1].teams[1]", 7, "no team 'aftersale'"),
    ],
)
def test_problems_name_field_line_and_remedy(old: str, new: str, field: str, line: int, remedy: str) -> None:
    assert old in POLICY_YAML
    with pytest.raises(PolicyError) as caught:
        parse_policy(policy_data(POLICY_YAML.replace(old, new, 1)))
    problem = next(problem for problem in caught.value.problems if problem.field == field)
    assert remedy in problem.remedy
    assert IN_CHINESE.search(problem.said("zh"))
    assert problem.line == line
    assert f"handoff.yaml: line {problem.line}: {field}: " in str(caught.value)


@pytest.mark.parametrize("data", [None, [], "text", 3, {}, {"version": 1}, {"version": 1, "teams": 4}])
def test_anything_else_is_refused_too(data: object) -> None:
    with pytest.raises(PolicyError):
        parse_policy(data)


def test_a_team_of_a_rule_must_have_agents() -> None:
    text = POLICY_YAML.replace("name: 售后组}", "name: 售后组}\n  - {id: night, name: 夜班}").replace(
        "team: presale", "team: night", 1
    )
    with pytest.raises(PolicyError, match="nobody serves in 'night'"):
        parse_policy(policy_data(text))


def test_a_given_field_replaces_the_default_and_the_others_stay() -> None:
    text = POLICY_YAML.replace("triggers:", "triggers:\n  asked_for_person: {words: [帮帮我]}")
    router = Router(parse_policy(policy_data(text)))
    assert router.route(Facts(text="帮帮我！")).reason == "asked_for_person"
    assert not router.route(Facts(text="转人工")).hand_over
    assert router.route(Facts(intent="ask_human", confidence=0.9)).hand_over


def test_an_empty_list_switches_a_trigger_off_but_the_menu_item_stays() -> None:
    text = POLICY_YAML.replace("triggers:", "triggers:\n  asked_for_person: {words: [], intents: []}")
    router = Router(parse_policy(policy_data(text)))
    assert not router.route(Facts(text="转人工", intent="ask_human", confidence=1)).hand_over
    assert router.route(Facts(choice="ask_human")).hand_over

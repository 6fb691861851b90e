"""A small shop's policy, as the data of its handoff.yaml."""

from __future__ import annotations

import re
from functools import cache

from handoff import Policy, parse_policy

IN_CHINESE = re.compile("[\u4e00-\u9fff]")
POLICY_YAML = """\
version: 1
teams:
  - {id: presale, name: 售前组}
  - {id: aftersale, name: 售后组}
agents:
  - {id: chenjing, name: 陈静, teams: [presale], capacity: 2}
  - {id: limei, name: 李梅, teams: [presale, aftersale], capacity: 1}
  - {id: wangfang, name: 王芳, teams: [aftersale], capacity: 3}
triggers:
  never_for_the_bot: {intents: [allergic_reaction]}
rules:
  - name: 投诉与维权优先给售后
    when: {signals: [complaint, legal]}
    team: aftersale
    priority: 1
  - name: 过敏给售后
    when: {intents: [allergic_reaction]}
    team: aftersale
    priority: 2
  - name: 公众号的售前咨询
    when: {stages: [before], channels: [official_account]}
    team: presale
    priority: 3
  - name: 价格与活动
    when: {text_words: [多少钱, 优惠], categories: [活动, 售前]}
    team: presale
    priority: 3
  - name: 其余给售后
    when: {}
    team: aftersale
    priority: 4
"""


def policy_data(text: str = POLICY_YAML) -> object:
    from ruamel.yaml import YAML  # noqa: PLC0415 - only here

    return YAML(typ="rt").load(text)


@cache  # nothing in it changes, and reading YAML takes longer than most tests of a desk
def sample_policy() -> Policy:
    return parse_policy(policy_data())

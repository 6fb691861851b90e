"""Which right does which role carry? A matrix in data (roles.toml), read once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from importlib.resources import files
from typing import Final


class Role(StrEnum):
    """What somebody is in the shop. People have one or several."""

    AGENT = "agent"
    LEAD = "lead"
    SUPERVISOR = "supervisor"
    OPERATOR = "operator"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Right(StrEnum):
    """What somebody may do. Each page and each API operation names one; objects and fields are checked beyond it."""

    ANY = "any"  # whoever is signed in
    DESK_WORK = "desk.work"  # see her own tickets and her teams' queue, take, answer, note, close
    DESK_LEAD = "desk.lead"  # the same for all tickets of the teams she leads; pass them on
    WALL_SEE = "wall.see"  # agents, queues and waits at a glance
    CONVERSATION_WATCH = "conversation.watch"  # watch quietly, whisper, join, take over
    ARCHIVE_READ = "archive.read"  # search and play back what was said
    REVIEW_WRITE = "review.write"  # score, comment, draw samples, settle appeals
    REVIEW_APPEAL = "review.appeal"  # see one's own scores, appeal
    REPORT_SEE = "report.see"
    DATA_EXPORT = "data.export"  # take data out as files, reports included
    FIELD_REVEAL = "field.reveal"  # see a phone number, an id, an address, with a reason
    SCRIPT_READ = "script.read"
    SCRIPT_WRITE = "script.write"  # scripts, intents, gaps: drafts only
    SCRIPT_APPROVE = "script.approve"  # review → live
    RULE_READ = "rule.read"
    RULE_WRITE = "rule.write"  # routing, calendars, teams, tag rules
    TRIAL_RUN = "trial.run"
    ACCOUNT_SEE = "account.see"  # platform accounts with what the doctor finds
    PEOPLE_WRITE = "people.write"  # who may sign in, with which roles
    CONNECT = "connect"  # API tokens, outgoing webhooks
    AUDIT_READ = "audit.read"


_MATRIX: Final[Mapping[str, list[str]]] = tomllib.loads(
    (files("bot.access") / "roles.toml").read_text(encoding="utf-8")
)["rights"]
_RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    role: frozenset({Right.ANY, *map(Right, _MATRIX[role.value])}) for role in Role
}


def rights_of(roles: Iterable[Role]) -> frozenset[Right]:
    """Everything that somebody with these roles may do; Right.ANY even without a role."""
    return frozenset({Right.ANY}).union(*(_RIGHTS[role] for role in roles))

"""Which commands follow from the steps of a promise in danger?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from handoff import (
    Command,
    Danger,
    Escalation,
    Metric,
    RaisePriority,
    Reassign,
    RemindAgent,
    RemindTeam,
    SlaDanger,
    Summary,
    Team,
    TellSupervisor,
    Ticket,
    TicketState,
    escalate,
)
from tests.handoff.policies import sample_policy
from tests.handoff.shop import START

REMIND, RAISE, REASSIGN, TELL = Escalation
POLICY = replace(
    sample_policy(), teams=(Team("presale", "售前组", supervisors=("limei", "boss")), Team("aftersale", "售后组"))
)
WAITING = Ticket(
    id=1, conversation_id=1, account="corp", channel="wecom_kf", customer="wm1", team="presale", priority=3,
    reason="asked_for_person", rule="其余", signals=(), summary=Summary(), state=TicketState.OPEN, agent=None,
    outcome=None, opened_at=START, assigned_at=None, closed_at=None,
)  # fmt: skip
SERVED = replace(WAITING, state=TicketState.ASSIGNED, agent="chenjing")


@pytest.mark.parametrize(
    ("ticket", "steps", "commands"),
    [
        (WAITING, (), ()),
        (WAITING, (REMIND,), (RemindTeam("presale"),)),
        (SERVED, (REMIND,), (RemindAgent("chenjing"),)),
        (replace(WAITING, agent="chenjing"), (REMIND,), (RemindTeam("presale"),)),  # she had it; it waits again
        (SERVED, (RAISE,), (RaisePriority(2),)),
        (SERVED, (RAISE, RAISE, RAISE), (RaisePriority(2), RaisePriority(1))),
        (replace(SERVED, priority=1), (RAISE,), ()),
        (SERVED, (REASSIGN,), (Reassign("chenjing"),)),
        (WAITING, (REASSIGN,), ()),
        (SERVED, (REASSIGN, REMIND), (Reassign("chenjing"), RemindTeam("presale"))),
        (SERVED, (TELL,), (TellSupervisor(("limei", "boss")),)),
        (replace(SERVED, team="aftersale"), (TELL,), (RemindTeam("aftersale"),)),
        (SERVED, (REMIND, TELL, REMIND), (RemindAgent("chenjing"), TellSupervisor(("limei", "boss")))),
    ],
)
def test_commands(ticket: Ticket, steps: tuple[Escalation, ...], commands: tuple[Command, ...]) -> None:
    danger = SlaDanger(1, Metric.FIRST_RESPONSE, 0, "all", Danger.BREACH, True, START, steps, 0)
    assert escalate(danger, ticket, POLICY) == commands

"""Why can a conversation not be moved as wished? Pure, on what was read."""

from __future__ import annotations

from handoff.outcomes import Owner, Refusal
from handoff.ownership import Standing


def to_open(seen: Standing, expected_version: int) -> Refusal | None:
    """Against handing over from the bot."""
    if not seen.open:
        return Refusal.CLOSED
    return _stale(seen, expected_version)


def to_claim(
    seen: Standing, *, expected_version: int, expected_team: str | None, agent_id: str, supervisor: bool
) -> Refusal | None:
    """Against taking it from the queue, or as supervisor from another agent."""
    if not seen.open:
        return Refusal.CLOSED
    if seen.agent == agent_id:
        return Refusal.ALREADY_YOURS
    if seen.owner is Owner.BOT or (seen.owner is Owner.AGENT and not supervisor):
        return Refusal.NOT_WAITING
    if expected_team is not None and seen.team != expected_team:
        return Refusal.VERSION_CHANGED
    return _stale(seen, expected_version)


def to_transfer(seen: Standing, *, expected_version: int, agent_id: str | None) -> Refusal | None:
    """Against passing it on, to `agent_id` or (None) to a queue."""
    if not seen.open:
        return Refusal.CLOSED
    if seen.owner is Owner.BOT:
        return Refusal.NOT_WAITING
    if agent_id is not None and seen.agent == agent_id:
        return Refusal.ALREADY_YOURS
    return _stale(seen, expected_version)


def to_let_go(seen: Standing, *, expected_version: int, agent_id: str | None) -> Refusal | None:
    """Against giving it back; agent_id: who has it, None for the queue."""
    if not seen.open:
        return Refusal.CLOSED
    if seen.owner is Owner.BOT or seen.agent != agent_id:
        return Refusal.NOT_YOURS
    return _stale(seen, expected_version)


def _stale(seen: Standing, expected_version: int) -> Refusal | None:
    return None if seen.version == expected_version else Refusal.VERSION_CHANGED

"""What may stand in handoff.yaml? Field by field, before the parts are checked against each other."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from handoff.policy import LOWEST_PRIORITY

# Lengths are those of the columns that keep them.
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)]
Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Words = tuple[Name, ...]
SignalName = Literal["legal", "complaint", "never_for_the_bot", "asked_for_person", "engine_failed", "nothing_found"]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TeamShape(_Shape):
    """`- {id: presale, name: 售前组}`."""

    id: Key
    name: Name


class AgentShape(_Shape):
    """`- {id: chenjing, name: 陈静, teams: [presale], capacity: 5}`."""

    id: Key
    name: Name
    teams: tuple[Key, ...] = Field(min_length=1)
    capacity: int = Field(ge=0, le=1000)


class TriggerShape(_Shape):
    """A field left out (None) takes the default of that signal; an empty list switches it off."""

    words: Words | None = None
    except_words: Words | None = None
    intents: Words | None = None
    min_confidence: float | None = Field(default=None, ge=0, le=1)


class NothingFoundShape(_Shape):
    """`nothing_found: {times: 2}`: on which failure in a row a person is called."""

    times: int = Field(ge=1)


class TriggersShape(_Shape):
    """`triggers:`; each may be left out."""

    legal: TriggerShape = TriggerShape()
    complaint: TriggerShape = TriggerShape()
    never_for_the_bot: TriggerShape = TriggerShape()
    asked_for_person: TriggerShape = TriggerShape()
    nothing_found: NothingFoundShape | None = None


class WhenShape(_Shape):
    """`when:`; any of each list, all lists that are given."""

    signals: tuple[SignalName, ...] = ()
    intents: Words = ()
    stages: Words = ()
    categories: Words = ()
    channels: Words = ()
    text_words: Words = ()


class RuleShape(_Shape):
    """`- name: … when: … team: … priority: …`."""

    name: Name
    when: WhenShape
    team: Key
    priority: int = Field(ge=1, le=LOWEST_PRIORITY)


class PolicyShape(_Shape):
    """The whole file."""

    version: Literal[1]
    teams: tuple[TeamShape, ...] = Field(min_length=1)
    agents: tuple[AgentShape, ...] = Field(min_length=1)
    triggers: TriggersShape = TriggersShape()
    rules: tuple[RuleShape, ...] = Field(min_length=1)

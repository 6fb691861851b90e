"""What are the values in handoff.yaml made of? Names, lists of words, durations; shared by its sections."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from handoff.policy_errors import mistake

# Lengths are those of the columns that keep them.
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)]
Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
TicketType = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=24)]
Channel = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]
NamePattern = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=128, pattern=r"^[^*]*\*?$", min_length=1)
]
Words = tuple[Name, ...]
NamePatterns = tuple[NamePattern, ...]
Share = Annotated[float, Field(ge=0, le=1)]

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}
_DURATION: Final = re.compile(r"([0-9]{1,6})([smh])")


class Shape(BaseModel):
    """A section: nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _seconds(value: object) -> object:
    if isinstance(value, str):
        found = _DURATION.fullmatch(value.strip())
        if found is None:
            raise mistake("no_duration")
        return int(found[1]) * _SECONDS[found[2]]
    raise mistake("no_unit")


Duration = Annotated[int, BeforeValidator(_seconds), Field(ge=0)]

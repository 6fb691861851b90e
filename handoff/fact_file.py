"""How are facts written down, with a ticket or in a file, and read back? Without what the customer wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from handoff.facts import Facts
from handoff.policy_errors import Problem, problems_of

_Share = Annotated[float, Field(ge=0, le=1)]
_Feeling = Annotated[float, Field(ge=-1, le=1)]
_Count = Annotated[int, Field(ge=0)]


class FactsError(ValueError):
    """These are no facts; each line names a field and what is wrong with it, and so does each of `problems`."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


@checked(frozen=True, config=ConfigDict(extra="forbid", allow_inf_nan=False))
class _Written(Facts):
    """The same fields, their ranges checked."""

    confidence: _Share = 0.0
    failures: _Count = 0
    best_probability: _Share = 0.0
    urgency: _Share = 0.0
    sentiment: _Feeling = 0.0
    moods: tuple[_Feeling, ...] = ()
    urged: _Count = 0
    position: tuple[Annotated[float, Field(ge=-90, le=90)], Annotated[float, Field(ge=-180, le=180)]] | None = None
    promises: _Count = 0


_READER = TypeAdapter(_Written)
_NOTHING = asdict(Facts())


def facts_to_json(facts: Facts) -> dict[str, object]:
    """What is not as in `Facts()`, without the text."""
    # field by field: `asdict` copies every value deeply, and each message has its facts written down
    told = ((name, getattr(facts, name), nothing) for name, nothing in _NOTHING.items() if name != "text")
    return {name: value for name, value, nothing in told if value != nothing}


def facts_from_json(data: object) -> Facts:
    """Facts as written; fields left out are as in `Facts()`. Raises FactsError with every mistake."""
    if not isinstance(data, Mapping):
        raise FactsError('the facts must be an object, e.g. {"text": "转人工", "channel": "wecom_kf"}')
    try:
        read = _READER.validate_python(dict(data))
    except ValidationError as error:
        problems = problems_of(data, error)
        raise FactsError("\n".join(map(str, problems)), problems) from error
    return Facts(**{name: getattr(read, name) for name in _NOTHING})

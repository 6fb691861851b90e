"""What is a builder expected to build, and was every builder asked?"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Literal

from bot.channels.base import ApiCall


@dataclass(frozen=True)
class Case:
    """One builder with its arguments, and the call it must give."""

    build: partial[ApiCall]
    name: str
    fields: Mapping[str, object] | None
    repeatable: bool
    method: Literal["GET", "POST"] = "POST"

    def check(self) -> None:
        call = self.build()
        assert call.name == self.name
        assert call.path == f"/cgi-bin/{self.name}"
        assert (call.method, call.repeatable) == (self.method, self.repeatable)
        assert (call.json if self.method == "POST" else call.query) == self.fields
        assert (call.query if self.method == "POST" else call.json) is None


def untested(modules: Iterable[ModuleType], cases: Iterable[Case]) -> set[str]:
    """Public functions of the modules that no case asks."""
    asked = {case.build.func for case in cases}
    return {
        function.__qualname__
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_") and function not in asked
    }

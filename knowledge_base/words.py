"""Which Chinese words do operators read in our tables and reports? One catalogue, words.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def words(section: str) -> Mapping[str, str]:
    """The sentences of one section by name. Raises KeyError for a section that is not there."""
    text = resources.files("knowledge_base").joinpath("words.toml").read_text(encoding="utf-8")
    sections: dict[str, dict[str, str]] = tomllib.loads(text)
    return sections[section]

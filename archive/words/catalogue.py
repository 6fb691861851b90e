"""Which words are never keywords? One catalogue, catalogue.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The lists.

    breaks: stop words and chat fillers, where a phrase ends. hollow: part of a phrase at most, never alone.
    pronouns, openers: characters that start half a sentence; the openers only where no dictionary knows the word.
    """

    breaks: frozenset[str]
    hollow: frozenset[str]
    pronouns: frozenset[str]
    openers: frozenset[str]


@cache
def catalogue() -> Catalogue:
    """Read the catalogue, once."""
    text = resources.files("archive.words").joinpath("catalogue.toml").read_text(encoding="utf-8")
    lists: dict[str, str] = tomllib.loads(text)
    return Catalogue(
        breaks=frozenset(lists["stop_words"].split()) | frozenset(lists["fillers"].split()),
        hollow=frozenset(lists["hollow"].split()),
        pronouns=frozenset(lists["pronouns"].split()),
        openers=frozenset(lists["openers"].split()),
    )

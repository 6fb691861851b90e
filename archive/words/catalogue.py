"""Which words are never keywords? One catalogue, catalogue.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The lists.

    fillers: what is said for manners. breaks: these and stop words; a phrase ends there.
    hollow: part of a phrase at most, never alone.
    pronouns, openers: characters that start half a sentence; the openers only where no dictionary knows the word.
    asking: what asks for a time or a number. scaffolds: what platforms write in a customer's name. wide: words that
    make no topic alone.
    """

    fillers: frozenset[str]
    breaks: frozenset[str]
    hollow: frozenset[str]
    pronouns: frozenset[str]
    openers: frozenset[str]
    asking: re.Pattern[str]
    scaffolds: re.Pattern[str]
    wide: frozenset[str]


@cache
def catalogue() -> Catalogue:
    """Read the catalogue, once."""
    text = resources.files("archive.words").joinpath("catalogue.toml").read_text(encoding="utf-8")
    lists: dict[str, str] = tomllib.loads(text)
    return Catalogue(
        fillers=frozenset(lists["fillers"].split()),
        breaks=frozenset(lists["stop_words"].split()) | frozenset(lists["fillers"].split()),
        hollow=frozenset(lists["hollow"].split()),
        pronouns=frozenset(lists["pronouns"].split()),
        openers=frozenset(lists["openers"].split()),
        asking=re.compile("|".join(map(re.escape, lists["asking"].split()))),
        scaffolds=re.compile("|".join(lists["scaffolds"].split())),
        wide=frozenset(lists["wide"].split()),
    )

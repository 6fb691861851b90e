"""Which word lists of our own do we ship, and how are they read?"""

from __future__ import annotations

from functools import cache
from importlib.resources import files


def lines(name: str) -> list[str]:
    """Read `data/<name>`; empty lines and comments (#) are left out."""
    text = (files("nlu") / "data" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@cache
def weighted_words(name: str) -> dict[str, float]:
    """Read `data/<name>.txt`, one `word<TAB>weight` a line."""
    pairs = (line.split("\t") for line in lines(f"{name}.txt"))
    return {word: float(weight) for word, weight in pairs}


@cache
def general_negatives() -> tuple[str, ...]:
    """Utterances that belong to no shop: chit-chat, weather, politics, nonsense."""
    return tuple(dict.fromkeys(lines("out_of_scope.txt")))

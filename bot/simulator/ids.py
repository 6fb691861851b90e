"""Where do ids, tokens and codes come from? A seeded source: the same seed plays the same trial run."""

from __future__ import annotations

import random
import string

ALPHABET = string.ascii_letters + string.digits


class Ids:
    """Fresh ids in the shapes the platforms use."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a simulator wants the same ids again, not secrets

    def fresh(self, prefix: str = "", chars: int = 28) -> str:
        """`prefix` and `chars` letters and digits; 28 of them do not meet twice."""
        return prefix + "".join(self._random.choices(ALPHABET, k=chars))

    def number(self, digits: int = 17) -> int:
        """A whole number of exactly `digits` digits, as an official account's MsgId."""
        return self._random.randrange(10 ** (digits - 1), 10**digits)

"""What do the stored files of a shop say?"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.content.pack import INTENTS_FOLDER, read_shop
from bot.content.problems import PackBroken, PackProblem
from bot.content.shop import Shop
from nlu import TrainingData


@dataclass(frozen=True, slots=True)
class Stored:
    """Everything of a pack but its scripts."""

    shop: Shop
    training: TrainingData


def read_stored(files: Mapping[str, str]) -> Stored:
    """Read them, name within the pack → text, as the pack they came from. Raises PackBroken if they are none."""
    with tempfile.TemporaryDirectory(prefix="xiaoer-content-") as folder:
        room = Path(folder)
        (room / INTENTS_FOLDER).mkdir()
        for name, text in files.items():
            target = room / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        problems: list[PackProblem] = []
        shop, training = read_shop(room, problems)
    if shop is None or training is None or problems:
        raise PackBroken(problems)
    return Stored(shop, training)

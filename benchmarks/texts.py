"""What do customers write? The example shop's own questions, and real buyers' messages where they are at hand."""

from __future__ import annotations

import csv
import os
import random
from pathlib import Path

from bot.channels.text import for_understanding
from bot.content.pack import load_yaml
from bot.content.problems import PackProblem

ROOT = Path(__file__).parent.parent
PACK = ROOT / "examples" / "cosmetics"
DIALOGUES = Path("dialogues") / "jddc_sessions.tsv"
CUSTOMER = "0"  # the sender column of the dialogues
SESSION, SENDER, TEXT, COLUMNS = 0, 2, 6, 7
SHORTEST, LONGEST = 2, 120  # characters of a message worth sending


def data_folder() -> Path:
    """Where real data lies on this machine; it need not exist."""
    return Path(os.environ.get("XIAOER_DATA", ROOT.parent / "shared" / "data"))


def shop_texts(pack: Path = PACK) -> list[str]:
    """What the pack's scenarios say, and every question of its scripts."""
    problems: list[PackProblem] = []
    scenario = load_yaml(pack / "scenario.yaml", problems)
    found = [str(step["customer"]) for each in scenario["scenarios"] for step in each["steps"]]
    for path in sorted((pack / "scripts").glob("*.yaml")):
        for script in load_yaml(path, problems) or ():
            found += map(str, script["questions"])
    return found


def buyers_texts(folder: Path) -> list[str]:
    """What real customers wrote, in order; empty where the data is absent."""
    return [text for session in buyers_sessions(folder) for text in session]


def buyers_sessions(folder: Path) -> list[list[str]]:
    """The same, conversation by conversation."""
    path = folder / DIALOGUES
    if not path.exists():
        return []
    sessions: dict[str, list[str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if len(row) == COLUMNS and row[SENDER] == CUSTOMER:
                sessions.setdefault(row[SESSION], []).append(row[TEXT].strip())
    return list(sessions.values())


def mixed(count: int, *, ours: list[str], theirs: list[str], seed: int = 11) -> list[str]:
    """`count` texts that differ even after normalisation: half real ones where there are any, in random order.

    Raises ValueError where there are not enough.
    """
    dice = random.Random(seed)
    pools = [_distinct(dice.sample(each, len(each))) for each in (theirs, ours)]
    chosen = pools[0][: count // 2]
    chosen += [text for text in pools[1] if text not in set(chosen)][: count - len(chosen)]
    if len(chosen) < count:
        raise ValueError(f"only {len(chosen)} distinct texts for {count} messages")
    dice.shuffle(chosen)
    return chosen


def _distinct(texts: list[str]) -> list[str]:
    kept = {for_understanding(text): text for text in texts if SHORTEST <= len(text) <= LONGEST}
    return [text for key, text in kept.items() if key]

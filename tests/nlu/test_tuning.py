"""Is a model tuned on what it may learn from, asked what it never saw, and kept only if it became better?"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu import Recipe, SentenceTransformersEncoder, TooFewGroups, Watch, tune
from nlu.encoder import normalised
from nlu.tuning import is_better
from nlu.tuning_data import SMALLEST, Pair, Split, batches_of, negatives_of, pairs_of, split_groups
from nlu.tuning_scores import RetrievalScores, score
from tests.nlu.questions import QUESTIONS
from tests.switches import needs_sentence_transformers

GROUPS = [tuple(f"{name}{number}" for number in range(3)) for name in "abcdefghijklmnopqrstuvwxyz"]


def unhurried() -> Watch:
    """Nobody looks, and time stands still."""
    return Watch(clock=lambda: 0.0, limit_s=1.0)


# ── what is learned from ─────────────────────────────────────────────────────────────────────


def test_what_is_asked_is_never_learned_from() -> None:
    split = split_groups(GROUPS, held_out=0.2, seed=1)
    assert split == split_groups(GROUPS, held_out=0.2, seed=1) != split_groups(GROUPS, held_out=0.2, seed=2)
    assert (len(split.learned), len(split.asked)) == (21, 5)
    assert set(split.learned).isdisjoint(split.asked)
    asked = {text for number in split.asked for text in split.groups[number]}
    everything = {text: [text for group in GROUPS for text in group] for group in GROUPS for text in group}
    for pair in pairs_of(split, everything, random.Random(0)):
        assert {pair.anchor, pair.positive}.isdisjoint(asked)
        assert {text for _, text in pair.negatives}.isdisjoint({*asked, *split.groups[pair.group]})
        assert {pair.anchor, pair.positive} < set(split.groups[pair.group])


def test_questions_of_two_scripts_teach_nothing() -> None:
    groups = [
        *GROUPS[:SMALLEST],
        ("共同的问题", "只有我", "我的另一问"),
        ("共同的问题？", "也只有我"),
        ("只有我", "", "  "),
    ]
    assert split_groups(groups, held_out=0.2, seed=0).groups[SMALLEST:] == (("我的另一问",), ("也只有我",))


def test_too_little_is_refused() -> None:
    with pytest.raises(TooFewGroups, match=f"{SMALLEST - 1} scripts"):
        split_groups([*GROUPS[: SMALLEST - 1], ("alone",)], held_out=0.2, seed=0)


@given(st.lists(st.integers(0, 5), max_size=60), st.integers(1, 8), st.integers())
@settings(max_examples=60)
def test_no_two_of_one_group_share_a_batch_and_none_is_lost(owners: list[int], size: int, seed: int) -> None:
    pairs = [Pair(owner, f"{owner}/{number}", "", ((owner + 1, "x"),)) for number, owner in enumerate(owners)]
    batches = list(batches_of(pairs, size, random.Random(seed)))
    assert sorted(pair.anchor for batch in batches for pair in batch) == sorted(pair.anchor for pair in pairs)
    for batch in batches:
        groups = [pair.group for pair in batch]
        assert len(set(groups)) == len(groups) <= size
        assert (negatives_of(batch, 1) == ["x"]) == any(group + 1 not in groups for group in groups)


# ── how it is measured ───────────────────────────────────────────────────────────────────────


def test_the_measure_is_that_of_the_search() -> None:
    split = Split((("a", "near a", "far from a"), ("b",), ("c", "on the middle")), (), (0, 2))
    places = {"a": (1, 0), "b": (0, 1), "c": (-1, 0), "near a": (2, 1), "far from a": (1, 2), "on the middle": (0, -1)}

    def encode(texts: Sequence[str]) -> np.ndarray:
        return normalised(np.array([places[text] for text in texts], dtype=np.float32))

    found = score(split, encode)
    assert (found.recall_at_3, found.recall_at_10, found.n) == (1, 1, 3)
    assert (found.recall_at_1, found.mrr) == pytest.approx((1 / 3, (1 + 1 / 2 + 1 / 2) / 3))


@pytest.mark.parametrize(
    ("mrr", "recall_at_1", "better"), [(0.8, 0.7, True), (0.8, 0.6, False), (0.7, 0.7, False), (0.6, 0.8, False)]
)
def test_only_a_better_model_is_better(mrr: float, recall_at_1: float, better: bool) -> None:  # noqa: FBT001
    before = RetrievalScores(recall_at_1=0.7, recall_at_3=0.8, recall_at_10=0.9, mrr=0.7, n=10)
    after = RetrievalScores(recall_at_1=recall_at_1, recall_at_3=0.8, recall_at_10=0.9, mrr=mrr, n=10)
    assert is_better(before, after) == better


# ── a real model learns ──────────────────────────────────────────────────────────────────────


def mixed_up(groups: Sequence[Sequence[str]], recipe: Recipe) -> list[tuple[str, ...]]:
    """The same groups, but the similar questions of those that are learned from belong to any script."""
    split = split_groups(groups, held_out=recipe.held_out, seed=recipe.seed)
    loose = [text for number in split.learned for text in split.groups[number][1:]]
    random.Random(0).shuffle(loose)
    wrong = list(split.groups)
    for number in split.learned:
        count = len(wrong[number]) - 1
        wrong[number] = (wrong[number][0], *loose[:count])
        loose = loose[count:]
    return wrong


@needs_sentence_transformers
@pytest.mark.timeout(300)
def test_a_better_model_is_kept_with_its_report_and_its_prompt(trimmed_model: Path, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    watch = Watch(clock=lambda: 0.0, limit_s=1.0, progress=lambda taken, planned: steps.append((taken, planned)))
    recipe = Recipe(held_out=0.5)
    report = tune(str(trimmed_model), QUESTIONS, tmp_path / "tuned", watch=watch, recipe=recipe)
    assert report.steps == report.planned == len(steps) == steps[-1][0]
    assert report.kept == is_better(report.before, report.after)
    assert report.kept, report
    kept = SentenceTransformersEncoder(str(tmp_path / "tuned"))
    assert kept.prompt == "query: "
    assert kept.fingerprint != SentenceTransformersEncoder(str(trimmed_model)).fingerprint
    split = split_groups(QUESTIONS, held_out=recipe.held_out, seed=recipe.seed)
    assert score(split, kept.encode) == report.after
    written = json.loads((tmp_path / "tuned/tuning.json").read_text(encoding="utf-8"))
    assert written["after"]["recall_at_1"] == report.after.recall_at_1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tuned"]


@needs_sentence_transformers
@pytest.mark.timeout(300)
def test_a_worse_model_is_refused(trimmed_model: Path, tmp_path: Path) -> None:
    recipe = Recipe(tether=0.0, rate=1e-2, epochs=20, held_out=0.5)
    wrong = mixed_up(QUESTIONS, recipe)
    report = tune(str(trimmed_model), wrong, tmp_path / "tuned", watch=unhurried(), recipe=recipe)
    assert report.after.mrr < report.before.mrr
    assert not report.kept
    assert list(tmp_path.iterdir()) == []


@needs_sentence_transformers
@pytest.mark.parametrize("layers", [0, 1])
def test_time_is_bounded_and_chance_repeats(small_model: Path, tmp_path: Path, layers: int) -> None:
    times = iter(range(1_000))

    def run(watch: Watch) -> RetrievalScores:
        report = tune(
            str(small_model), QUESTIONS, tmp_path / "out", watch=watch, recipe=Recipe(layers=layers, epochs=2)
        )
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        taken.append(report.steps)
        return report.after

    taken: list[int] = []
    assert run(unhurried()) == run(unhurried())
    run(Watch(clock=lambda: float(next(times)), limit_s=2.5))
    assert taken[0] == taken[1] > taken[2] == 2


@needs_sentence_transformers
def test_nothing_is_overwritten(small_model: Path, tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        tune(str(small_model), QUESTIONS, tmp_path, watch=unhurried())

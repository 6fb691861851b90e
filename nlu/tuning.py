"""Does a model find the shop's scripts better after learning from its questions? Only then is it kept."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from nlu.conversion import convert_bundled
from nlu.optional_encoders import import_extra
from nlu.sentence_transformers_encoder import EXTRA, REPORT, find_model, load_model, prompt_of
from nlu.tuning_data import Groups, split_groups
from nlu.tuning_model import Recipe, Trainee
from nlu.tuning_scores import Encode, RetrievalScores, score

# Questions to those questions of the library that search puts nearest to each, best first; with the model's encoder.
HardNegatives = Callable[[Sequence[str], Encode], Sequence[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Watch:
    """How a long work is watched and ended. clock: seconds that only grow. limit_s: of the learning.

    progress: called with the steps taken and planned.
    """

    clock: Callable[[], float]
    limit_s: float
    progress: Callable[[int, int], None] = field(default=lambda _taken, _planned: None)


@dataclass(frozen=True, slots=True)
class TuningReport:
    """What tuning did. kept: the model was written. groups: of questions; learned and asked share none.

    steps: taken, of `planned`; fewer where time ran out. trainable: how many weights could move.
    """

    kept: bool
    before: RetrievalScores
    after: RetrievalScores
    groups: int
    learned: int
    asked: int
    steps: int
    planned: int
    trainable: int
    seconds: float
    recipe: Recipe


def tune(
    model: str | None,
    groups: Groups,
    out: Path,
    *,
    watch: Watch,
    hard_negatives: HardNegatives | None = None,
    recipe: Recipe | None = None,
) -> TuningReport:
    """Tune a model on groups of questions that ask the same, and keep it only if it became better.

    A share of the groups is kept aside, asked before and after, and never learned from. Better: the mean reciprocal
    rank rises and recall@1 does not fall. The model written is the one that was measured. Same arguments, same
    result, unless time runs out.

    Args:
        model: folder or hub name of a sentence-transformers model; None for the bundled encoder's weights.
        groups: the questions of each script, the standard one first.
        out: the folder to write, with the report in tuning.json; must not exist.
        watch: clock, limit and progress.
        hard_negatives: which questions search confuses; None: only those in the same batch.
        recipe: None for the default.

    Raises:
        TooFewGroups: there is too little to learn from.
        EncoderUnavailable: the extra is missing, or there is no such model.
        FileExistsError: `out` exists.
    """
    recipe = recipe or Recipe()
    if out.exists():
        raise FileExistsError(out)
    began = watch.clock()
    split = split_groups(groups, held_out=recipe.held_out, seed=recipe.seed)
    trainee = _load(model)
    before = score(split, trainee.encode)
    anchors = [text for number in split.learned for text in split.groups[number]]
    found = hard_negatives(anchors, trainee.encode) if hard_negatives else [()] * len(anchors)
    learning = watch.clock()
    tuned = trainee.train(
        split,
        dict(zip(anchors, found, strict=True)),
        recipe,
        is_over=lambda: watch.clock() - learning > watch.limit_s,
        progress=watch.progress,
    )
    after = score(split, trainee.encode)
    report = TuningReport(
        kept=is_better(before, after),
        before=before,
        after=after,
        groups=len(split.groups),
        learned=len(split.learned),
        asked=len(split.asked),
        steps=tuned.steps,
        planned=tuned.planned,
        trainable=tuned.trainable,
        seconds=watch.clock() - began,
        recipe=recipe,
    )
    if report.kept:
        _write(trainee, report, out)
    return report


def is_better(before: RetrievalScores, after: RetrievalScores) -> bool:
    """Whether a model that scores `after` may take the place of one that scores `before`."""
    return after.mrr > before.mrr and after.recall_at_1 >= before.recall_at_1


def _load(model: str | None) -> Trainee:
    if model is None:
        import_extra("sentence_transformers", EXTRA)  # before the seconds of work
        with tempfile.TemporaryDirectory(prefix="xiaoer-model-") as room:
            convert_bundled(Path(room), half=True, trim=True)
            return _load(room)
    loaded = load_model(find_model(model))
    return Trainee(loaded, prompt_of(loaded, model))


def _write(trainee: Trainee, report: TuningReport, out: Path) -> None:
    """The folder appears whole or not at all."""
    partial = out.with_name(f"{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    trainee.save(partial)
    (partial / REPORT).write_text(json.dumps(asdict(report), indent=2), encoding="utf-8")
    partial.replace(out)

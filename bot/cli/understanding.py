"""What does a customer want? Intents trained, asked and measured."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bot.channels.text import for_understanding
from bot.cli.knowledge import open_encoder
from bot.cli.printing import JsonOption, VisibleEncoder, print_json, print_table, working_on
from bot.cli.refusal_files import check_name, curve_rows, summary, write_curve
from bot.cli.running import Shared, fail, product, run_async
from bot.content.pack import INTENTS_FOLDER, PACK_FILE
from bot.settings import Settings
from nlu import (
    Context,
    Encoder,
    IntentModel,
    ModelUnreadable,
    NothingToLearn,
    NothingToMeasure,
    TrainingData,
    TrainingDataError,
    Understander,
    Understanding,
    ask_intents,
    read_examples,
    report_refusal,
    score_intents,
    share,
    train,
)

app = typer.Typer(no_args_is_help=True, help="Intents: what customers want, learned from Rasa's NLU YAML.")
RANKING_LENGTH = 10  # as Rasa prints it


@app.command(name="train")
def train_model(
    context: typer.Context,
    data: Annotated[Path, typer.Argument(metavar="DIR", help="Rasa NLU YAML: a folder, a file, or a content pack.")],
    out: Annotated[Path, typer.Option(metavar="MODEL", help="File to write the model to.")],
) -> None:
    """Train an intent model and write it to a file."""
    settings = _settings(context)
    examples = _examples(data / INTENTS_FOLDER if (data / PACK_FILE).is_file() else data)
    model = _train(settings, examples)
    try:
        model.save(out)
    except OSError as error:
        raise fail(f"{out}: cannot be written ({error.strerror}); name another file") from error
    typer.echo(f"wrote {out}: {len(examples.intents)} intents from {len(examples.examples)} examples")


@app.command()
def parse(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What a customer writes.")],
    model: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A trained model; default: that of the shop's content.")
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Show intent, entities and mood of a text, in Rasa's shape."""
    settings, wanted = _settings(context), for_understanding(text)
    with working_on("understanding"):
        if model is None:
            understanding = run_async(lambda: _ask_content(settings, wanted), what="nlu parse")
        else:
            stored, encoder = _load(model), open_encoder(settings)
            if encoder.dim != stored.dim:
                raise fail(f"{model}: made with another encoder than {settings.nlu.encoder}; train it again")
            understanding = run_async(lambda: _ask_model(encoder, stored, wanted), what="nlu parse")
    if as_json:
        print_json(_rasa_shape(wanted, understanding))
    else:
        _show(understanding)


@app.command(name="eval")
def evaluate_model(
    context: typer.Context,
    training: Annotated[
        list[Path], typer.Option("--train", help='JSON lines {"sentence","label"} or Rasa YAML; repeatable.')
    ],
    test: Annotated[Path, typer.Option("--test", help="The same, to be asked about.")],
    *,
    curve: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the risk–coverage curve there: FILE.json or FILE.csv."),
    ] = None,
    wrong_cost: Annotated[float, typer.Option(min=0.0, help="What a wrong answer costs.")] = 3.0,
    handover_cost: Annotated[float, typer.Option(min=0.0, help="What handing over to a person costs.")] = 1.0,
    as_json: JsonOption = False,
) -> None:
    """Train, then measure: accuracy, macro-F1, AUROC of out-of-scope, ms a text. Needs no database."""
    settings = _settings(context)
    if curve is not None:
        check_name(curve)
    examples, asked = TrainingData(), _examples(test)
    for file in training:
        examples += _examples(file)
    model = _train(settings, examples)
    try:
        with working_on(f"asking {len(asked.examples)} texts"):
            answers = ask_intents(model, open_encoder(settings), asked)
        report = report_refusal(model, answers, wrong_cost=wrong_cost, handover_cost=handover_cost)
    except (NothingToMeasure, ValueError) as error:
        raise fail(f"{test}: {error}") from error
    scores = asdict(score_intents(answers))
    if curve is not None:
        write_curve(curve, report)
    if as_json:
        print_json(scores | ({} if curve is None else {"refusal": summary(report)}))
    else:
        rows = [*scores.items(), *summary(report).items()]
        print_table(["measure", "value"], [(name, "-" if value is None else f"{value:.4g}") for name, value in rows])
        print_table(["answered from", "coverage", "risk"], curve_rows(report.curve))


def _settings(context: typer.Context) -> Settings:
    shared: Shared = context.obj
    return shared.settings()


def _examples(path: Path) -> TrainingData:
    if not path.exists():
        raise fail(f"{path}: no such file or folder")
    try:
        return read_examples(path)
    except TrainingDataError as error:
        raise fail(str(error)) from error


def _train(settings: Settings, examples: TrainingData) -> IntentModel:
    encoder = VisibleEncoder(open_encoder(settings), "encoding examples")
    try:
        return train(examples, encoder)
    except NothingToLearn as error:
        raise fail(str(error)) from error


def _load(file: Path) -> IntentModel:
    try:
        return IntentModel.load(file)
    except ModelUnreadable as error:
        raise fail(str(error)) from error


async def _ask_model(encoder: Encoder, model: IntentModel, text: str) -> Understanding:
    shared = share(encoder)
    try:
        return await Understander(shared, model).understand(text, Context())
    finally:
        await shared.aclose()


async def _ask_content(settings: Settings, text: str) -> Understanding:
    async with product(settings) as built:
        await built.apply_pack_if_empty()
        await built.minds.refresh()
        return await built.minds.current().understander.understand(text, Context())


def _rasa_shape(text: str, understanding: Understanding) -> dict[str, object]:
    return {
        "text": text,
        "intent": {"name": understanding.intent, "confidence": understanding.confidence},
        "entities": [
            {
                "entity": each.type,
                "start": each.start,
                "end": each.end,
                "value": each.value,
                **({"role": each.role} if each.role else {}),
                **({"group": each.group} if each.group else {}),
            }
            for each in understanding.entities
        ],
        "intent_ranking": [
            {"name": name, "confidence": confidence} for name, confidence in understanding.ranking[:RANKING_LENGTH]
        ],
        "mood": asdict(understanding.mood),
    }


def _show(understanding: Understanding) -> None:
    rows = [[name, f"{confidence:.3f}"] for name, confidence in understanding.ranking[:RANKING_LENGTH]]
    print_table(["intent", "confidence"], rows)
    for each in understanding.entities:
        typer.echo(f"{each.type}: {each.value} (characters {each.start}–{each.end})")
    mood = understanding.mood
    typer.echo(f"mood: sentiment {mood.sentiment:+.2f}, urgency {mood.urgency:.2f}")

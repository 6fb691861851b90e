"""How is training data read and written as JSON lines, one `{"sentence", "label"}` for each example?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from nlu.intent_model import OUT_OF_SCOPE
from nlu.problems import TrainingDataError, mistake
from nlu.training_data import Entity, Example, TrainingData
from nlu.yaml_nodes import read_source

_NO_INTENT = frozenset({"oos", "ood", "nlu_fallback", OUT_OF_SCOPE})  # how public sets and Rasa call it


def read_json_lines(file: Path) -> TrainingData:
    """Read `{"sentence", "label"}` lines; "entities" (as Rasa's server gives them) and "metadata" may be added.

    The labels oos, ood, nlu_fallback and out_of_scope all mean that no intent fits.

    Raises:
        TrainingDataError: with file, line and what to write instead.
    """
    lines = read_source(file).removeprefix("\ufeff").split("\n")  # not splitlines: JSON allows U+2028 inside
    return TrainingData(tuple(_example(file, number, line) for number, line in enumerate(lines, 1) if line.strip()))


def write_json_lines(data: TrainingData, file: Path) -> None:
    """Write the examples in their order. Synonyms, regexes, lookups and metadata of intents have no place in it.

    Raises:
        TrainingDataError: the file cannot be written.
    """
    text = "".join(json.dumps(_fields(example), ensure_ascii=False) + "\n" for example in data.examples)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise TrainingDataError(file, 1, mistake("no_place", error=error.strerror)) from error


def _example(file: Path, number: int, line: str) -> Example:
    try:
        fields = json.loads(line)
        text, label = fields["sentence"], fields["label"]
        entities = tuple(_entity(text, each) for each in fields.get("entities", ()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise TrainingDataError(file, number, mistake("no_pair")) from error
    if not isinstance(text, str) or not isinstance(label, str | int) or isinstance(label, bool):
        raise TrainingDataError(file, number, mistake("no_types"))
    intent = OUT_OF_SCOPE if label in _NO_INTENT else str(label)
    return Example(text, intent, entities, fields.get("metadata"))


def _entity(text: str, fields: Mapping[str, object]) -> Entity:
    start, end = fields["start"], fields["end"]
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)):
        raise ValueError("an entity lies outside of its sentence")
    value = str(fields.get("value", text[start:end]))
    return Entity(str(fields["entity"]), start, end, value, str(fields.get("role", "")), str(fields.get("group", "")))


def _fields(example: Example) -> dict[str, object]:
    entities = [
        {
            "entity": each.type,
            "start": each.start,
            "end": each.end,
            "value": each.value,
            **({"role": each.role} if each.role else {}),
            **({"group": each.group} if each.group else {}),
        }
        for each in example.entities
    ]
    return {
        "sentence": example.text,
        "label": example.intent,
        **({"entities": entities} if entities else {}),
        **({} if example.metadata is None else {"metadata": example.metadata}),
    }

"""Does Rasa itself read in our files, and in what we write, what we read in them?"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from benchmarks.rasa import PYTHON, QUIET
from nlu import Example, TrainingData, read_training_data, write_training_data

pytestmark = pytest.mark.timeout(180)
TOP = Path(__file__).resolve().parents[2]
VARIANTS = sorted((TOP / "tests/nlu/rasa_variants").glob("*.yml"))
FILES = [*VARIANTS, *sorted((TOP / "examples/cosmetics/intents").glob("*.yml"))]
# Rasa's reader, asked in its own environment
ASK = """
import json, sys
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
for file in sys.argv[1:]:
    data = RasaYAMLReader().read(file)
    print(json.dumps({
        "examples": [[m.get("text"), m.get_full_intent(), m.get("entities", []), m.get("metadata")]
                     for m in data.training_examples],
        "synonyms": data.entity_synonyms,
        "regexes": [[each["name"], each["pattern"]] for each in data.regex_features],
        "lookups": {each["name"]: each["elements"] for each in data.lookup_tables},
    }))
"""


def rasa_reads(files: list[Path]) -> list[dict[str, Any]]:
    run = subprocess.run(
        [PYTHON, "-c", ASK, *files], capture_output=True, text=True, check=True, env={"PATH": "/usr/bin:/bin", **QUIET}
    )
    return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


def as_rasa_has_it(example: Example, of_intent: object) -> list[object]:
    entities = [
        {
            "start": each.start,
            "end": each.end,
            "value": each.value,
            "entity": each.type,
            **({"role": each.role} if each.role else {}),
            **({"group": each.group} if each.group else {}),
        }
        for each in example.entities
    ]
    metadata = {
        **({} if of_intent is None else {"intent": of_intent}),
        **({} if example.metadata is None else {"example": example.metadata}),
    }
    return [example.text, example.intent, entities, metadata or None]


def assert_same(data: TrainingData, theirs: dict[str, Any]) -> None:
    for each in (entity for *_, entities, _ in theirs["examples"] for entity in entities):
        each["value"] = str(each["value"])  # a number stays one there
    assert theirs["examples"] == [as_rasa_has_it(each, data.metadata.get(each.intent)) for each in data.examples]
    ours = {word: value for value, words in data.synonyms.items() for word in words}
    assert ours.items() <= theirs["synonyms"].items()  # there, values of entities are synonyms too
    patterns = [[name, each] for name, written in data.regexes.items() for each in written]
    assert sorted(theirs["regexes"]) == sorted(patterns)
    assert theirs["lookups"] == {name: list(words) for name, words in data.lookups.items()}


def test_rasa_reads_the_same_in_every_file_and_in_what_we_write(rasa_is_here: None, tmp_path: Path) -> None:
    ours = [read_training_data(file) for file in FILES]
    written = [tmp_path / file.name for file in FILES]
    for data, target in zip(ours, written, strict=True):
        write_training_data(data, target)
    theirs = rasa_reads([*FILES, *written])
    assert len(theirs) == 2 * len(FILES)
    for data, found in zip([*ours, *ours], theirs, strict=True):
        assert_same(data, found)

"""How is training data written as Rasa's NLU YAML (version 3.1), so that reading it gives the same again?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from nlu.entity_markup import annotate
from nlu.problems import NotWritable, TrainingDataError, mistake
from nlu.training_data import Example, TrainingData

VERSION = 'version: "3.1"'
_PLAIN = re.compile(r"[A-Za-z_\u4e00-\u9fff][\w\u4e00-\u9fff./-]*", flags=re.ASCII)
# line ends in the eyes of Python (Rasa splits with splitlines) or YAML, and what YAML forbids unescaped
_NO_LINE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def write_training_data(data: TrainingData, path: Path) -> None:
    """Write one YAML file; its folder is made. Reading it gives `data` again.

    Raises:
        TrainingDataError: an example that the notation cannot hold (see `NotWritable`), or the file cannot be written.
    """
    try:
        text = render(data)
    except NotWritable as error:
        raise TrainingDataError(path, 1, mistake("not_writable", mistake=error.mistake)) from error
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise TrainingDataError(path, 1, mistake("no_place", error=error.strerror)) from error


def render(data: TrainingData) -> str:
    """The YAML text: intents in runs as they come, then synonyms, regexes, lookups. Raises NotWritable."""
    lines = [VERSION, "nlu:"]
    for intent, run in groupby(data.examples, key=lambda each: each.intent):
        lines += render_item("intent", intent, [*run], data.metadata.get(intent))
    sections: tuple[tuple[str, Mapping[str, Sequence[str]]], ...] = (
        ("synonym", data.synonyms),
        ("regex", data.regexes),
        ("lookup", data.lookups),
    )
    for kind, entries in sections:
        for name, words in entries.items():
            lines += render_item(kind, name, words)
    return "\n".join(lines if len(lines) > 2 else [VERSION, "nlu: []"]) + "\n"  # noqa: PLR2004 - the two above


def render_item(
    kind: str, name: str, examples: Sequence[Example] | Sequence[str], metadata: object = None
) -> Iterator[str]:
    """The lines of one entry under `nlu:`. Raises NotWritable for a word or text that no line can hold."""
    if not name.strip():
        raise NotWritable(mistake("of_nothing", kind=kind, name=name))
    yield f"- {kind}: {scalar_of(name.strip())}"
    if metadata is not None:
        yield f"  metadata: {_json(metadata)}"
    if all(fits_a_line(each) for each in examples):
        yield "  examples: |"
        yield from (f"    {line}" for line in block_lines_of(examples))
    else:
        yield "  examples:"
        yield from (f"  {line}" for line in list_lines_of(examples))


def fits_a_line(example: Example | str) -> bool:
    """Whether a line of a block can hold it: no metadata, no line end, nothing that YAML wants escaped."""
    if isinstance(example, Example):
        return example.metadata is None and _is_line(example.text)
    return _is_line(example)


def block_lines_of(examples: Iterable[Example | str]) -> Iterator[str]:
    """`- text`, one a line."""
    for example in examples:
        yield f"- {_annotated(example)}"


def list_lines_of(examples: Iterable[Example | str]) -> Iterator[str]:
    """`- text: "…"`, with metadata on a second line where there is some."""
    for example in examples:
        if not isinstance(example, Example):
            raise NotWritable(mistake("no_line", word=example))
        yield f"- text: {quoted(_annotated(example))}"
        if example.metadata is not None:
            yield f"  metadata: {_json(example.metadata)}"


def scalar_of(text: str) -> str:
    """The text as a YAML value: bare where that reads as the same text."""
    return text if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED else quoted(text)


def quoted(text: str) -> str:
    """The text in double quotes, what does not print escaped."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _annotated(example: Example | str) -> str:
    """With its marks and without the space around it, which neither we nor Rasa keep."""
    if isinstance(example, str):
        text = example.strip()
        if not text:
            raise NotWritable(mistake("empty_word"))
        return text
    stripped = example.text.strip()
    if not stripped:
        raise NotWritable(mistake("empty_example", intent=example.intent))
    shift = example.text.index(stripped)
    moved = tuple(replace(each, start=each.start - shift, end=each.end - shift) for each in example.entities)
    return annotate(replace(example, text=stripped, entities=moved))


def _is_line(text: str) -> bool:
    return _NO_LINE.search(text.strip()) is None


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    point = ord(character)
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"  # noqa: PLR2004 - the BMP's end


def _json(value: object) -> str:
    """JSON is YAML, but for what does not print and for what a plain file could not hold."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return "".join(character if character.isprintable() else _escaped(character) for character in text)

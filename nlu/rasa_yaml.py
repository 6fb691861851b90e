"""How is training data in Rasa's NLU YAML (version 3.1) read, so that a Rasa project moves in unchanged?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from nlu.entity_markup import parse_example
from nlu.problems import MarkInvalid, TrainingDataError, mistake
from nlu.training_data import Example, TrainingData
from nlu.yaml_nodes import block_lines, compose, entries, items, line_of, plain, read_source, scalar

Kind = Literal["intent", "synonym", "regex", "lookup"]
SUFFIXES = (".yml", ".yaml")
_KINDS: tuple[Kind, ...] = ("intent", "synonym", "regex", "lookup")


@dataclass(frozen=True, slots=True)
class Line:
    """One example as written, marks included. node: it and its metadata, where it stands as one of a list."""

    number: int
    text: str
    node: Node | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of `nlu:`. examples: their node; lines: what it holds."""

    kind: Kind
    name: str
    node: Node
    examples: Node
    lines: tuple[Line, ...]


def read_training_data(path: Path) -> TrainingData:
    """Read one file, or every .yml and .yaml below a folder in the order of their names.

    Files without an `nlu:` part (domain, stories, rules) add nothing.

    Raises:
        TrainingDataError: the first mistake, with file, line and what to write instead.
    """
    data = TrainingData()
    for file in training_files(path):
        data += parse_training_data(file, read_source(file))
    return data


def training_files(path: Path) -> list[Path]:
    """The file itself, or every .yml and .yaml below the folder, sorted."""
    return sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES) if path.is_dir() else [path]


def parse_training_data(file: Path, text: str) -> TrainingData:
    """The training data in the text of a file.

    Raises:
        TrainingDataError: the first mistake, with file, line and what to write instead.
    """
    data = TrainingData()
    for item in parse_items(file, nlu_part(file, compose(file, text))):
        data += _data_of(file, item)
    return data


def nlu_part(file: Path, root: Node | None) -> SequenceNode | None:
    """The list under `nlu:`; None where the file has none. Raises TrainingDataError for another shape or version."""
    if root is None:
        return None
    if not isinstance(root, MappingNode):
        raise TrainingDataError(file, line_of(root), mistake("no_start"))
    top = entries(root)
    version = scalar(top.get("version"))
    if version is not None and not version.startswith("3."):
        raise TrainingDataError(file, line_of(top["version"]), mistake("no_version", version=version))
    nlu = top.get("nlu")
    if nlu is None or scalar(nlu) in {"", "null", "~"}:
        return None
    if not isinstance(nlu, SequenceNode):
        raise TrainingDataError(file, line_of(nlu), mistake("no_list"))
    return nlu


def parse_items(file: Path, nlu: SequenceNode | None) -> Iterator[Item]:
    """The entries under `nlu:`, in their order. Raises TrainingDataError for the first that cannot be read."""
    for item in items(nlu):
        yield _item(file, item)


def _item(file: Path, item: Node) -> Item:
    found = entries(item)
    kind = next((kind for kind in _KINDS if kind in found), None)
    if kind is None:
        raise TrainingDataError(file, line_of(item), mistake("no_kind"))
    name = (scalar(found[kind]) or "").strip()
    if not name:
        raise TrainingDataError(file, line_of(item), mistake("no_name", kind=kind))
    examples = found.get("examples")
    if examples is None:
        raise TrainingDataError(file, line_of(item), mistake("no_examples", kind=kind, name=name))
    lines = tuple(_lines(file, examples))
    if not lines:
        raise TrainingDataError(file, line_of(examples), mistake("no_example", kind=kind, name=name))
    return Item(kind, name, item, examples, lines)


def _lines(file: Path, node: Node) -> Iterator[Line]:
    """Both forms: a block of `- text` lines, or a list of `text:` mappings (which may carry metadata)."""
    if isinstance(node, ScalarNode):
        yield from _block_lines(file, node)
        return
    for item in items(node):
        inner = entries(item).get("text", item)
        if not isinstance(inner, ScalarNode):
            raise TrainingDataError(file, line_of(item), mistake("no_text"))
        if text := str(inner.value).strip():
            yield Line(line_of(inner), text, item)


def _block_lines(file: Path, node: ScalarNode) -> Iterator[Line]:
    for number, written in block_lines(node):
        text = written.strip()
        if not text or text.startswith("#"):
            continue
        if not text.startswith("-"):
            raise TrainingDataError(file, number, mistake("no_dash", written=text[:8]))
        if example := text[1:].strip():
            yield Line(number, example)


def _data_of(file: Path, item: Item) -> TrainingData:
    if item.kind == "intent":
        metadata = entries(item.node).get("metadata")
        return TrainingData(
            tuple(_example(file, line, item.name) for line in item.lines),
            metadata={} if metadata is None else {item.name: plain(metadata)},
        )
    words = {item.name: tuple(dict.fromkeys(line.text for line in item.lines))}
    match item.kind:
        case "synonym":
            return TrainingData(synonyms=words)
        case "regex":
            return TrainingData(regexes=words)
        case "lookup":
            return TrainingData(lookups=words)


def _example(file: Path, line: Line, intent: str) -> Example:
    try:
        text, entities = parse_example(line.text)
    except MarkInvalid as error:
        raise TrainingDataError(file, line.number, error.mistake) from error
    metadata = None if line.node is None else entries(line.node).get("metadata")
    return Example(text, intent, entities, None if metadata is None else plain(metadata))

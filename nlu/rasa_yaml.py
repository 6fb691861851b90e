"""How is training data in Rasa's NLU YAML (version 3.1) read, so that a Rasa project moves in unchanged?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from nlu.entity_markup import parse_example
from nlu.training_data import Example, TrainingData, TrainingDataError
from nlu.yaml_nodes import block_lines, compose, entries, items, line_of, scalar

_KINDS = ("intent", "synonym", "regex", "lookup")


def read_training_data(path: Path) -> TrainingData:
    """Read one file, or every .yml and .yaml below a folder in the order of their names.

    Files without an `nlu:` part (domain, stories, rules) add nothing.

    Raises:
        TrainingDataError: the first mistake, with file, line and what to write instead.
    """
    files = sorted(file for file in path.rglob("*") if file.suffix in (".yml", ".yaml")) if path.is_dir() else [path]
    data = TrainingData()
    for file in files:
        data += _read_file(file)
    return data


def _read_file(file: Path) -> TrainingData:
    root = compose(file)
    if root is None:
        return TrainingData()
    if not isinstance(root, MappingNode):
        raise TrainingDataError(file, line_of(root), 'must start with `version: "3.1"` and `nlu:`')
    top = entries(root)
    version = scalar(top.get("version"))
    if version is not None and not version.startswith("3."):
        raise TrainingDataError(file, line_of(top["version"]), f'version {version} is not read; write version: "3.1"')
    nlu = top.get("nlu")
    if nlu is not None and not isinstance(nlu, SequenceNode):
        raise TrainingDataError(file, line_of(nlu), "nlu must be a list of `- intent: name` with `examples: |`")
    data = TrainingData()
    for item in items(nlu):
        data += _read_item(file, item)
    return data


def _read_item(file: Path, item: Node) -> TrainingData:
    found = entries(item)
    kind = next((kind for kind in _KINDS if kind in found), None)
    if kind is None:
        raise TrainingDataError(file, line_of(item), f"an item must name one of: {', '.join(_KINDS)}")
    name = (scalar(found[kind]) or "").strip()
    if not name:
        raise TrainingDataError(file, line_of(item), f"{kind} has no name; write `- {kind}: name`")
    if "examples" not in found:
        raise TrainingDataError(file, line_of(item), f"{kind} {name!r} has no `examples: |`; add some or remove it")
    texts = list(_examples(file, found["examples"]))
    if not texts:
        raise TrainingDataError(file, line_of(found["examples"]), f"{kind} {name!r} has no example; write `- text`")
    if kind == "intent":
        return TrainingData(tuple(_annotated(file, line, text, name) for line, text in texts))
    plain = {name: tuple(dict.fromkeys(text for _, text in texts))}
    match kind:
        case "synonym":
            return TrainingData(synonyms=plain)
        case "regex":
            return TrainingData(regexes=plain)
        case _:
            return TrainingData(lookups=plain)


def _examples(file: Path, node: Node) -> Iterator[tuple[int, str]]:
    """Both forms: a block of `- text` lines, or a list of `text:` mappings (which may carry metadata)."""
    if isinstance(node, ScalarNode):
        yield from _block_examples(file, node)
        return
    for item in items(node):
        inner = entries(item).get("text", item)
        if not isinstance(inner, ScalarNode):
            raise TrainingDataError(file, line_of(item), "an example must be text, or a mapping with `text:`")
        text = str(inner.value).strip().removeprefix("- ").strip()
        if text:
            yield line_of(inner), text


def _block_examples(file: Path, node: ScalarNode) -> Iterator[tuple[int, str]]:
    for line, written in block_lines(node):
        text = written.strip()
        if not text or text.startswith("#"):
            continue
        if not text.startswith("-"):
            raise TrainingDataError(file, line, f"an example line must start with `- `, not with {text[:8]!r}")
        if example := text[1:].strip():
            yield line, example


def _annotated(file: Path, line: int, text: str, intent: str) -> Example:
    try:
        plain, entities = parse_example(text)
    except ValueError as error:
        raise TrainingDataError(file, line, str(error)) from error
    return Example(plain, intent, entities)

"""How are scripts kept in YAML, our own format, a list of scripts a file?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.scalarstring import LiteralScalarString

from knowledge_base.building import RawScript, build_all
from knowledge_base.problems import ImportFailed, Problem, mistake, writable
from knowledge_base.script import Script, to_plain

_FIELDS = frozenset(field.name for field in fields(Script))
_MAX_DEPTH = 4  # below a field: list of attachments, mapping of its fields, list of ids, text


def read_yaml(file: Path, text: str) -> tuple[Script, ...]:
    """Read scripts; values are taken as written, no tag builds an object.

    Raises:
        ImportFailed: with file, line and field of every mistake.
    """
    parser: Any = YAML(typ="safe", pure=True)
    try:
        root: Node | None = parser.compose(text)
    except MarkedYAMLError as error:
        where = error.problem_mark or error.context_mark
        line = where.line + 1 if where else 1
        wrong = mistake("not_yaml", error=error.problem or error.context)
        raise ImportFailed((Problem(file, line, "", wrong),)) from error
    except (YAMLError, RecursionError, ValueError) as error:
        raise ImportFailed((Problem(file, 1, "", mistake("not_yaml_at_all")),)) from error
    if root is None:
        return ()
    if not isinstance(root, SequenceNode):
        raise ImportFailed((Problem(file, _line(root), "", mistake("no_list")),))
    problems: list[Problem] = []
    raw = [entry for node in root.value if (entry := _entry(file, node, problems))]
    return build_all(file, raw, problems)


def write_yaml(scripts: Sequence[Script]) -> str:
    """Write scripts so that `read_yaml` gives the same ones."""
    writer: Any = YAML()
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.width = 4_096  # an answer stays on one line: line by line diffs stay readable
    writer.allow_unicode = True
    stream = StringIO()
    writer.dump([_writable(to_plain(script)) for script in scripts], stream)
    return stream.getvalue()


def _writable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _writable(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_writable(entry) for entry in value]
    return LiteralScalarString(value) if _fits_block(value) else value


def _fits_block(text: str) -> bool:
    """Whether a text of several lines survives in a `|` block as it is."""
    lines = text.split("\n")
    return len(lines) > 1 and all(line and line.isprintable() and line == line.strip() for line in lines)


def _entry(file: Path, node: Node, problems: list[Problem]) -> RawScript | None:
    if not isinstance(node, MappingNode):
        problems.append(Problem(file, _line(node), "", mistake("no_mapping")))
        return None
    values: dict[str, Any] = {}
    rows: dict[str, int] = {}
    for key, value in node.value:
        name = str(key.value)
        if name not in _FIELDS:
            wrong = mistake("no_field", known=tuple(sorted(_FIELDS)))
            problems.append(Problem(file, _line(key), writable(name[:40]), wrong))
            continue
        if name in values:
            problems.append(Problem(file, _line(key), name, mistake("written_twice")))
            continue
        values[name], rows[name] = _value(value), _line(key)
    return RawScript(_line(node), values, rows)


def _value(node: Node, depth: int = 1) -> Any:
    """Texts, lists and mappings, as deep as a menu; anything deeper or odd becomes None and fails its field's check."""
    if isinstance(node, ScalarNode):
        return "" if node.tag == "tag:yaml.org,2002:null" and node.style is None else str(node.value)
    if depth >= _MAX_DEPTH:
        return None
    if isinstance(node, SequenceNode):
        return [_value(item, depth + 1) for item in node.value]
    if isinstance(node, MappingNode):
        return {str(key.value): _value(value, depth + 1) for key, value in node.value}
    return None


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1

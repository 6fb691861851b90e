"""Where in a YAML file does a value stand? Safe reading that keeps line numbers and builds no objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from nlu.problems import TrainingDataError, mistake

MAX_BYTES = 16 * 1024 * 1024
BLOCK = ("|", ">")
_TAG = "tag:yaml.org,2002:"
_CONSTANTS = {"true": True, "false": False}


def read_source(file: Path) -> str:
    """The text of a file as it stands, line ends and byte order mark included.

    Raises:
        TrainingDataError: not readable, larger than `MAX_BYTES`, or not UTF-8.
    """
    try:
        if file.stat().st_size > MAX_BYTES:
            raise TrainingDataError(file, 1, mistake("too_large", most=MAX_BYTES // 1024**2))
        return file.read_bytes().decode("utf-8")
    except OSError as error:
        raise TrainingDataError(file, 1, mistake("unreadable", error=error.strerror)) from error
    except UnicodeDecodeError as error:
        raise TrainingDataError(file, 1, mistake("not_utf8")) from error


def compose(file: Path, text: str) -> Node | None:
    """Parse the text of a file into nodes; None where it holds nothing.

    Raises:
        TrainingDataError: not YAML.
    """
    parser: Any = YAML(typ="safe", pure=True)
    try:
        node: Node | None = parser.compose(text.removeprefix("\ufeff"))
    except MarkedYAMLError as error:
        where = error.problem_mark or error.context_mark
        wrong = mistake("not_yaml", error=error.problem or error.context)
        raise TrainingDataError(file, where.line + 1 if where else 1, wrong) from error
    except (YAMLError, RecursionError, ValueError) as error:
        raise TrainingDataError(file, 1, mistake("not_yaml_at_all")) from error
    return node


def line_of(node: Node) -> int:
    """The line the node starts on, counted from 1."""
    return int(node.start_mark.line) + 1


def last_line_of(node: Node, lines: Sequence[str]) -> int:
    """The last line with something of the node on it, counted from 1; comments behind it are not its own.

    lines: the file's.
    """
    if isinstance(node, MappingNode | SequenceNode) and node.value and not node.flow_style:
        last = node.value[-1]
        return last_line_of(last[1] if isinstance(node, MappingNode) else last, lines)
    end = node.end_mark
    if isinstance(node, ScalarNode) and node.style in BLOCK and end.column == 0:
        number = int(end.line)  # the mark stands on the line behind the text
        while number > line_of(node) and not lines[number - 1].strip():
            number -= 1
        return number
    return int(end.line) + 1


def entries(node: Node | None) -> dict[str, Node]:
    """The values of a mapping by key; nothing where the node is no mapping."""
    if not isinstance(node, MappingNode):
        return {}
    return {str(key.value): value for key, value in node.value if isinstance(key, ScalarNode)}


def items(node: Node | None) -> list[Node]:
    """The items of a sequence; nothing where the node is no sequence."""
    return list(node.value) if isinstance(node, SequenceNode) else []


def scalar(node: Node | None) -> str | None:
    """The text of a scalar as written; None where the node is something else."""
    return str(node.value) if isinstance(node, ScalarNode) else None


def plain(node: Node) -> object:
    """The value as JSON has it: what YAML knows beyond that (dates, binary) is text as written."""
    match node:
        case MappingNode():
            return {name: plain(value) for name, value in entries(node).items()}
        case SequenceNode():
            return [plain(item) for item in node.value]
        case _:
            return _plain_scalar(str(node.tag).removeprefix(_TAG), str(node.value))


def block_lines(node: ScalarNode) -> Iterator[tuple[int, str]]:
    """The lines of a text with their line numbers in the file."""
    # a block text ("|") begins on the line after its mark
    first = line_of(node) + (1 if node.style in BLOCK else 0)
    yield from enumerate(str(node.value).splitlines(), start=first)


def _plain_scalar(kind: str, written: str) -> object:
    match kind:
        case "null":
            return None
        case "bool":
            return _CONSTANTS.get(written.lower(), written)
        case "int" | "float":
            try:
                return _number(kind, written.replace("_", ""))
            except ValueError:  # .inf and .nan, which JSON has not, and more digits than Python converts
                return written
        case _:
            return written


def _number(kind: str, digits: str) -> int | float:
    if kind == "float":
        return float(digits)
    return int(digits, 0) if digits.lstrip("+-")[:2] in {"0x", "0o"} else int(digits)

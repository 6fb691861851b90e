"""Where in a YAML file does a value stand? Safe reading that keeps line numbers and builds no objects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from nlu.training_data import TrainingDataError

MAX_BYTES = 16 * 1024 * 1024


def compose(file: Path) -> Node | None:
    """Parse a file into nodes; None where it holds nothing.

    Raises:
        TrainingDataError: not readable, larger than `MAX_BYTES`, not UTF-8, or not YAML.
    """
    try:
        if file.stat().st_size > MAX_BYTES:
            raise TrainingDataError(file, 1, f"larger than {MAX_BYTES // 1024**2} MiB; split the file")
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise TrainingDataError(file, 1, f"cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise TrainingDataError(file, 1, "is not UTF-8; save it as UTF-8") from error
    parser: Any = YAML(typ="safe", pure=True)
    try:
        node: Node | None = parser.compose(text)
    except MarkedYAMLError as error:
        where = error.problem_mark or error.context_mark
        raise TrainingDataError(
            file, where.line + 1 if where else 1, f"not valid YAML: {error.problem or error.context}; correct that line"
        ) from error
    except (YAMLError, RecursionError, ValueError) as error:
        raise TrainingDataError(file, 1, "not valid YAML; check brackets, quotes and control characters") from error
    return node


def line_of(node: Node) -> int:
    """The line the node starts on, counted from 1."""
    return int(node.start_mark.line) + 1


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


def block_lines(node: ScalarNode) -> Iterator[tuple[int, str]]:
    """The lines of a text with their line numbers in the file."""
    # a block text ("|") begins on the line after its mark
    first = line_of(node) + (1 if node.style in ("|", ">") else 0)
    yield from enumerate(str(node.value).splitlines(), start=first)

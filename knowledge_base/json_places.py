"""What stands where in a JSON file? Values with their lines, so that a mistake can be named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from knowledge_base.problems import ImportFailed, Problem, mistake

_DECODER = json.JSONDecoder()


def list_items(file: Path, text: str, start: int = 0) -> Iterator[tuple[int, Any]]:
    """The items of the list that begins at `start`, with the lines they begin on.

    Raises:
        ImportFailed: it is no valid JSON; while iterating.
    """
    position = skip(text, start + 1)
    while text[position : position + 1] != "]":
        item, end = _decode(file, text, position)
        yield text.count("\n", 0, position) + 1, item
        position = skip(text, end)
        if text[position : position + 1] == ",":
            position = skip(text, position + 1)
        elif text[position : position + 1] != "]":
            raise _broken(file, text.count("\n", 0, position) + 1)


def members(file: Path, text: str, start: int = 0) -> dict[str, tuple[int, Any]]:
    """The values of the object that begins at `start` by name, each with where it begins.

    Raises:
        ImportFailed: it is no valid JSON.
    """
    found: dict[str, tuple[int, Any]] = {}
    position = skip(text, start + 1)
    while text[position : position + 1] != "}":
        name, end = _decode(file, text, position)
        position = skip(text, end)
        if not isinstance(name, str) or text[position : position + 1] != ":":
            raise _broken(file, text.count("\n", 0, position) + 1)
        begins = skip(text, position + 1)
        value, end = _decode(file, text, begins)
        found[name] = (begins, value)
        position = skip(text, end)
        if text[position : position + 1] == ",":
            position = skip(text, position + 1)
        elif text[position : position + 1] != "}":
            raise _broken(file, text.count("\n", 0, position) + 1)
    return found


def skip(text: str, position: int) -> int:
    """The next place that is no white space."""
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def _decode(file: Path, text: str, position: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, position)
    except (ValueError, RecursionError) as error:  # of a number too long, too
        raise _broken(file, error.lineno if isinstance(error, json.JSONDecodeError) else 1) from error


def _broken(file: Path, line: int) -> ImportFailed:
    return ImportFailed((Problem(file, line, "", mistake("not_json")),))

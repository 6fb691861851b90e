"""Which file holds scripts in which format, and how do they come in and go out?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from knowledge_base.chatopera_format import read_chatopera, write_chatopera
from knowledge_base.csv_format import decode, read_csv, write_csv
from knowledge_base.problems import ImportFailed, Problem
from knowledge_base.script import Script
from knowledge_base.xlsx_format import read_xlsx, write_xlsx
from knowledge_base.yaml_format import read_yaml, write_yaml

MAX_BYTES = 64 * 1024 * 1024
SUFFIXES = (".csv", ".json", ".xlsx", ".yaml", ".yml")


def read_scripts(path: Path) -> tuple[Script, ...]:
    """Read one file by its suffix, or every YAML file below a folder in the order of their names.

    Formats: .yaml/.yml (ours), .csv and .xlsx (the template's headings), .json (Chatopera).

    Raises:
        ImportFailed: every mistake of every file; nothing is given out then.
    """
    if not path.is_dir():
        return _read_file(path)
    problems: list[Problem] = []
    scripts: dict[str, tuple[Script, Path]] = {}
    for file in sorted(file for file in path.rglob("*") if file.suffix in (".yaml", ".yml")):
        try:
            found = _read_file(file)
        except ImportFailed as failure:
            problems += failure.problems
            continue
        for script in found:
            if script.id in scripts:
                message = f"the id {script.id!r} is also used in {scripts[script.id][1]}; give each script its own"
                problems.append(Problem(file, 1, "id", message))
            scripts[script.id] = (script, file)
    if problems:
        raise ImportFailed(tuple(problems))
    return tuple(script for script, _ in scripts.values())


def write_scripts(path: Path, scripts: Sequence[Script]) -> None:
    """Write one file in the format of its suffix; a reader sees the old file or the new one, never half of it.

    Raises:
        ValueError: unknown suffix, or a script that the format cannot keep.
    """
    content: bytes
    match path.suffix.lower():
        case ".yaml" | ".yml":
            content = write_yaml(scripts).encode("utf-8")
        case ".csv":
            content = write_csv(scripts)
        case ".xlsx":
            content = write_xlsx(scripts)
        case ".json":
            content = write_chatopera(scripts).encode("utf-8")
        case other:
            raise ValueError(f"{path}: {other or 'no suffix'} is not one of {', '.join(SUFFIXES)}; name it so")
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)


def _read_file(file: Path) -> tuple[Script, ...]:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ImportFailed((Problem(file, 1, "", f"larger than {MAX_BYTES // 1024**2} MiB; split it"),))
        content = file.read_bytes()
    except OSError as error:
        raise ImportFailed((Problem(file, 1, "", f"cannot be read ({error.strerror}); check the path"),)) from error
    match file.suffix.lower():
        case ".yaml" | ".yml":
            return read_yaml(file, decode(file, content))
        case ".csv":
            return read_csv(file, content)
        case ".xlsx":
            return read_xlsx(file, content)
        case ".json":
            return read_chatopera(file, decode(file, content))
        case other:
            message = f"{other or 'a file without suffix'} is not one of {', '.join(SUFFIXES)}; save it as one of them"
            raise ImportFailed((Problem(file, 1, "", message),))

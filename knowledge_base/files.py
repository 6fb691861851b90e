"""Which file holds scripts in which format, and how do they come in and go out?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from knowledge_base.building import Reading
from knowledge_base.chatopera_format import read_chatopera, write_chatopera
from knowledge_base.csv_format import decode, read_csv, write_csv
from knowledge_base.kf_format import is_kf, read_kf, write_kf
from knowledge_base.problems import ImportFailed, LeftOut, NotAllKept, Problem, mistake
from knowledge_base.script import Script
from knowledge_base.yaml_format import read_yaml, write_yaml

MAX_BYTES = 64 * 1024 * 1024
SUFFIXES = (".csv", ".json", ".kf.json", ".xlsx", ".yaml", ".yml")


def read_scripts(path: Path) -> tuple[Script, ...]:
    """The scripts of `read_file`. Raises ImportFailed: every mistake of every file; nothing is given out then."""
    return read_file(path).scripts


def read_file(path: Path) -> Reading:
    """Read one file by its suffix, or every YAML file below a folder in the order of their names.

    Formats: .yaml/.yml (ours), .csv and .xlsx (the template's headings), .json (Chatopera's, or 微信客服's lists).

    Raises:
        ImportFailed: every mistake of every file; nothing is given out then.
    """
    if not path.is_dir():
        return _read_file(path)
    problems: list[Problem] = []
    scripts: dict[str, tuple[Script, Path]] = {}
    for file in sorted(file for file in path.rglob("*") if file.suffix in (".yaml", ".yml")):
        try:
            found = _read_file(file).scripts
        except ImportFailed as failure:
            problems += failure.problems
            continue
        for script in found:
            if script.id in scripts:
                other = str(scripts[script.id][1].relative_to(path))
                problems.append(Problem(file, 1, "id", mistake("id_elsewhere", id=script.id, file=other)))
            scripts[script.id] = (script, file)
    if problems:
        raise ImportFailed(tuple(problems))
    return Reading(tuple(script for script, _ in scripts.values()))


def write_scripts(path: Path, scripts: Sequence[Script], *, strict: bool = False) -> tuple[LeftOut, ...]:
    """Write one file in the format of its suffix; a reader sees the old file or the new one, never half of it.

    Gives what the format could not keep. Formats as of `read_file`; .kf.json is 微信客服's, other .json Chatopera's.

    Raises:
        NotAllKept: strict, and the format cannot keep everything; nothing was written.
        ValueError: unknown suffix, or text that no such file can hold.
    """
    content, left_out = _rendered(path, scripts)
    if strict and left_out:
        raise NotAllKept(left_out)
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)
    return left_out


def _rendered(path: Path, scripts: Sequence[Script]) -> tuple[bytes, tuple[LeftOut, ...]]:
    match path.suffix.lower():
        case ".yaml" | ".yml":
            return write_yaml(scripts).encode("utf-8"), ()
        case ".csv":
            return write_csv(scripts), ()
        case ".xlsx":
            from knowledge_base.xlsx_format import write_xlsx  # noqa: PLC0415 - openpyxl: no worker needs it

            return write_xlsx(scripts), ()
        case ".json":
            write = write_kf if path.name.lower().endswith(".kf.json") else write_chatopera
            text, left_out = write(scripts)
            return text.encode("utf-8"), tuple(left_out)
        case other:
            raise ValueError(f"{path}: {other or 'no suffix'} is not one of {', '.join(SUFFIXES)}; name it so")


def _read_file(file: Path) -> Reading:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ImportFailed((Problem(file, 1, "", mistake("too_large", most=MAX_BYTES // 1024**2)),))
        content = file.read_bytes()
    except OSError as error:
        raise ImportFailed((Problem(file, 1, "", mistake("unreadable", error=error.strerror)),)) from error
    match file.suffix.lower():
        case ".yaml" | ".yml":
            return Reading(read_yaml(file, decode(file, content)))
        case ".csv":
            return Reading(read_csv(file, content))
        case ".xlsx":
            from knowledge_base.xlsx_format import read_xlsx  # noqa: PLC0415 - as above

            return Reading(read_xlsx(file, content))
        case ".json":
            text = decode(file, content)
            return read_kf(file, text) if is_kf(text) else read_chatopera(file, text)
        case "":
            raise ImportFailed((Problem(file, 1, "", mistake("no_suffix", suffixes=SUFFIXES)),))
        case other:
            raise ImportFailed((Problem(file, 1, "", mistake("no_format", suffix=other, suffixes=SUFFIXES)),))

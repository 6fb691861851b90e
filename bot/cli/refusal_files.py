"""How is a risk–coverage curve written and shown? As JSON or CSV by the file's name, and a few lines of text."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from bot.cli.running import fail
from nlu import CurvePoint, RefusalReport

SHOWN_COVERAGES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_SUFFIXES = (".json", ".csv")


def check_name(file: Path) -> None:
    """Refuse a name that tells no format, before long work begins."""
    if file.suffix.lower() not in _SUFFIXES:
        raise fail(f"{file}: the name must end in .json or .csv")


def write_curve(file: Path, report: RefusalReport) -> None:
    """JSON holds the whole report, CSV the points alone."""
    try:
        if file.suffix.lower() == ".csv":
            with file.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerow([each.name for each in fields(CurvePoint)])
                writer.writerows([point.threshold, point.coverage, point.risk] for point in report.curve)
        else:
            file.write_text(json.dumps(asdict(report), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise fail(f"{file}: cannot be written ({error.strerror}); name another file") from error


def summary(report: RefusalReport) -> dict[str, float | None]:
    """The report without its points."""
    return {name: value for name, value in asdict(report).items() if name != "curve"}


def curve_rows(curve: Sequence[CurvePoint]) -> list[tuple[str, str, str]]:
    """Threshold, coverage and risk where the coverage first reaches 50 %, 60 %… of the texts."""
    found = [next((point for point in curve if point.coverage >= share), None) for share in SHOWN_COVERAGES]
    return [
        (f"{point.threshold:.3f}", f"{point.coverage:.1%}", f"{point.risk:.1%}")
        for point in dict.fromkeys(found)
        if point is not None
    ]

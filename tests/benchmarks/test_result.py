"""Is a figure kept with its ratio, and with the machine it was measured on?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.result import Result, alone, beside, machine, median, percentile, write


def test_a_figure_beside_its_peer_has_their_ratio() -> None:
    assert beside("acks", 1511.63, "1/s", peer="floor", peer_value=2867.5) == Result(
        "acks", 1511.6, "1/s", "floor", 2867.5, 0.527
    )


def test_there_is_no_ratio_to_a_peer_that_reached_nothing() -> None:
    assert beside("acks", 10, "1/s", peer="floor", peer_value=0).ratio is None


def test_a_report_holds_machine_and_results(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "door.json"
    write(path, [alone("等待", 1.25, "ms")])
    report = json.loads(path.read_text(encoding="utf-8"))
    assert report["results"] == [
        {"name": "等待", "value": 1.25, "unit": "ms", "peer": "", "peer_value": None, "ratio": None}
    ]
    assert set(report["machine"]) == set(machine())


@pytest.mark.parametrize(("values", "middle"), [([], 0.0), ([3.0, 1.0, 2.0], 2.0), ([4.0, 1.0, 2.0, 3.0], 2.5)])
def test_median(values: list[float], middle: float) -> None:
    assert median(values) == middle


def test_percentile_is_a_measured_value() -> None:
    values = [float(number) for number in range(100, 0, -1)]
    assert [percentile(values, share) for share in (0.0, 0.5, 0.99, 1.0)] == [1.0, 51.0, 100.0, 100.0]
    assert percentile([], 0.99) == 0.0

"""Are figures kept and printed with their machine?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from benchmarks.children import BenchFailed, BenchImpossible
from benchmarks.result import Result, alone, beside
from bot.cli.bench import load, number, report
from tests.cli.shop import CommandShop


def measured() -> list[Result]:
    return [beside("door", 1200, "messages/s", peer="floor", peer_value=2000), alone("memory", 0.5, "GB")]


def test_figures_are_kept_and_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report({"door": measured}, tmp_path / "new", as_json=True)
    printed = json.loads(capsys.readouterr().out)
    assert printed.keys() == {"machine", "results"}
    assert [each["ratio"] for each in printed["results"]] == [0.6, None]
    assert json.loads((tmp_path / "new/door.json").read_text())["results"] == printed["results"]
    report({"door": measured}, tmp_path, as_json=False)
    assert "floor" in capsys.readouterr().out


def test_a_failed_bench_is_no_figure(shop: CommandShop, capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> list[Result]:
        raise BenchFailed("a message was lost")

    with pytest.raises(typer.Exit):
        report({"door": broken}, shop.folder / "out", as_json=True)
    assert "bench door: a message was lost" in capsys.readouterr().err
    assert not (shop.folder / "out").exists()


def test_a_bench_that_is_impossible_here_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def absent() -> list[Result]:
        raise BenchImpossible("there is no Rasa here; make rasa sets it up")

    report({"nlu": absent, "door": measured}, tmp_path, as_json=True)
    told = capsys.readouterr()
    assert "bench nlu is left out: there is no Rasa here; make rasa" in told.err
    assert len(json.loads(told.out)["results"]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["door.json"]


def test_unknown_benches_are_named(shop: CommandShop, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there are door, journey, nlu, kb, ablation" in shop.refused("bench", "nothing")
    with pytest.raises(typer.Exit):
        load("nothing")
    assert "in a checkout" in capsys.readouterr().err


@pytest.mark.parametrize(("value", "shown"), [(None, ""), (0.12345, "0.1235"), (41234.5, "41,234"), (999.96, "1000")])
def test_numbers_are_readable(value: float | None, shown: str) -> None:
    assert number(value) == shown

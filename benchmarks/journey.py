"""How long does a customer wait, and what does the whole shop on one machine cost to run?

Product, simulator, embedded stores and the example shop in one process, as `xiaoer demo` runs them
(so the simulator's own work counts against us). Distinct texts, so that no cache knows them. Played twice: answering
at once, for the figures, and as it comes, waiting a moment where a message looks like half a thought.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from benchmarks.children import BenchFailed, memory_mb
from benchmarks.crowd import Played, play
from benchmarks.result import FIGURE, Result, alone, beside, percentile, show
from benchmarks.start_up import StartUp, start_demo
from benchmarks.texts import PACK, buyers_texts, data_folder, mixed, shop_texts
from bot.cli.running import run_async
from bot.cli.stage import clean_folder, free_port, stage, trial_settings

FOLDER = Path(__file__).parent.parent / "var" / "bench-journey"  # its models outlive the run
EACH = 2  # messages a customer writes
P50_MS, P99_MS = 60.0, 300.0
READY_S, MEMORY_MB = 10.0, 700.0


def main(*, seconds: float = 30.0, rate: float = 20.0, start_ups: bool = True) -> list[Result]:
    """Play `rate` messages a second for `seconds`; start_ups: time `xiaoer demo` too. Raises BenchFailed."""
    theirs = buyers_texts(data_folder())
    if not theirs:
        print("journey: no real dialogues (XIAOER_DATA), the example shop's own questions only", file=sys.stderr)
    texts = mixed(int(rate * seconds), ours=shop_texts(), theirs=theirs)
    results = _start_up_results(*start_demo()) if start_ups else []
    at_once, peak_mb = run_async(lambda: _play(texts, rate, patient=False), what="bench journey")
    patient, _ = run_async(lambda: _play(texts, rate, patient=True), what="bench journey")
    for played in (at_once, patient):
        if played.lost or played.duplicated:
            raise BenchFailed(f"{played.lost} messages lost, {played.duplicated} replies said twice")
    return [*_journey_results(at_once, peak_mb, rate), *_patient_results(patient, rate), *results]


async def _play(texts: list[str], rate: float, *, patient: bool) -> tuple[Played, float]:
    clean_folder(FOLDER)
    simulator_port = free_port()
    settings = trial_settings(
        port=free_port(), simulator_port=simulator_port, folder=FOLDER, pack=PACK, answering="active"
    )
    if not patient:
        work = settings.work.model_copy(update={"bubble_wait_s": 0.0})
        settings = settings.model_copy(update={"work": work})
    async with stage(settings, simulator_port=simulator_port) as running:
        await running.product.minds.refresh()  # the whole library, not the quick start's part
        played = await play(running, texts, rate=rate, each=EACH)
        return played, memory_mb(os.getpid(), "VmHWM")


def _journey_results(played: Played, peak_mb: float, rate: float) -> list[Result]:
    waits, counts = played.latencies_ms, played.decisions
    p50, p99 = percentile(waits, 0.50), percentile(waits, 0.99)
    return [
        beside(f"journey: p50 at {rate:g} messages/s", p50, "ms", peer=FIGURE, peer_value=P50_MS),
        beside(f"journey: p99 at {rate:g} messages/s", p99, "ms", peer=FIGURE, peer_value=P99_MS),
        alone("journey: messages", sum(counts.values()), "messages"),
        *(alone(f"journey: {name}", counts[name], "messages") for name in sorted(counts)),
        alone("journey: lost", played.lost, "messages"),
        alone("journey: said twice", played.duplicated, "messages"),
        beside("journey: peak memory", peak_mb, "MB", peer=FIGURE, peer_value=MEMORY_MB),
    ]


def _patient_results(played: Played, rate: float) -> list[Result]:
    """As it comes: what looks like half a thought waits for the rest, which no figure counts in."""
    at = f"at {rate:g} messages/s, half thoughts waited for"
    return [
        alone(f"journey: p50 {at}", percentile(played.latencies_ms, 0.50), "ms"),
        alone(f"journey: p99 {at}", percentile(played.latencies_ms, 0.99), "ms"),
    ]


def _start_up_results(cold: StartUp, warm: StartUp) -> list[Result]:
    return [
        beside("demo: ready, first start", cold.ready_s, "s", peer=FIGURE, peer_value=READY_S),
        alone("demo: whole library, first start", cold.complete_s, "s"),
        beside("demo: ready, kept models", warm.ready_s, "s", peer=FIGURE, peer_value=READY_S),
        beside("demo: memory, first start (PSS)", cold.pss_mb, "MB", peer=FIGURE, peer_value=MEMORY_MB),
        alone("demo: peak memory, first start (sum of peak RSS)", cold.peak_mb, "MB"),
        beside("demo: memory, kept models (PSS)", warm.pss_mb, "MB", peer=FIGURE, peer_value=MEMORY_MB),
    ]


if __name__ == "__main__":
    show("journey", main())

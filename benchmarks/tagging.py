"""How long is it from a customer's message until the tag stands on her card in WeCom?

Product, simulator, embedded stores and the example shop in one process, as `xiaoer demo` runs them, with real time: a
customer who is a member's contact writes what the rules take for a tag, and the simulated card is looked at until it
is there. From the callback's sending on: pull, answer, analysis, judging, `mark_tag`.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from benchmarks.children import BenchFailed
from benchmarks.result import FIGURE, Result, beside, percentile, show
from benchmarks.texts import PACK
from bot.cli.running import run_async
from bot.cli.stage import Stage, clean_folder, free_port, stage, trial_settings

FOLDER = Path(__file__).parent.parent / "var" / "bench-tagging"  # its models outlive the run
SAID = "我是敏感肌，容易泛红刺痛，能用吗"
TAG = "敏感肌"
FIGURE_MS = 5_000.0
CUSTOMERS = 20
GIVE_UP_S, LOOK_S = 20.0, 0.02


def main(*, customers: int = CUSTOMERS) -> list[Result]:
    """Measure, one customer after the other. Raises BenchFailed where a tag never came."""
    waits = run_async(lambda: _measure(customers), what="bench tagging")
    return [
        beside(
            "tagging: callback to tag on the card, p50", percentile(waits, 0.5), "ms", peer=FIGURE, peer_value=FIGURE_MS
        ),
        beside("tagging: callback to tag on the card, worst", max(waits), "ms", peer=FIGURE, peer_value=FIGURE_MS),
    ]


async def _measure(customers: int) -> list[float]:
    clean_folder(FOLDER)
    simulator_port = free_port()
    settings = trial_settings(
        port=free_port(), simulator_port=simulator_port, folder=FOLDER, pack=PACK, answering="active"
    )
    async with stage(settings, simulator_port=simulator_port) as running:
        await running.product.minds.refresh()
        await _wait(running, "warm-up")  # the corp's tags are made, models are read
        return [await _wait(running, f"customer-{number}") for number in range(customers)]


async def _wait(running: Stage, key: str) -> float:
    """Milliseconds until the tag is on the card of a new customer."""
    world = running.world
    corp = next(iter(world.corps.values()))
    member, place = next(iter(corp.members)), next(iter(corp.kf))
    customer = world.add_customer(key)
    world.customer_enters(customer, place)
    world.customer_adds_member(customer, corp.name, member)
    await world.settled()
    began = time.perf_counter()
    world.customer_writes(customer, place, SAID)
    while TAG not in world.tags_of(corp.name, member, customer):
        if time.perf_counter() - began > GIVE_UP_S:
            raise BenchFailed(f"no tag within {GIVE_UP_S:g} s")
        await asyncio.sleep(LOOK_S)
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    show("tagging", main())

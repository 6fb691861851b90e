"""How many messages a second can the door acknowledge durably, beside its floor and beside WeRoBot?

All servers live at once and are loaded in turn (A B C D, A B C D…) by one generator in a process of
its own; rates are medians over the rounds. Servers share one core, the generator has another.
Then the door alone is loaded with 80 % of what it reached, arriving at random, for its latencies.
Last the door is killed with SIGKILL and every message it acknowledged must be in the database.
"""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.children import BenchFailed, Child, child, cores
from benchmarks.letters import Receiver, new_receiver
from benchmarks.result import FIGURE, Result, alone, beside, median, percentile, show
from benchmarks.servers import PATH
from bot.cli.stage import clean_folder

LOADED = ("floor", "product", "werobot", "werobot_sessions")
FIRST_ID = 24_000_000_000_000_000
MOST_A_SECOND = 6000  # requests prepared for each second of a round; more than any server here answers
SHARE = 0.8  # of the saturation load, for latencies
P99_MS = 100.0
WARM_UP_S = 1.0
PRODUCT_FOLDER = Path(__file__).parent.parent / "var" / "bench"  # its models outlive the run, its database does not


@dataclass(slots=True)
class Field:
    """The servers, the generator, and what was acknowledged by the product."""

    generator: Child
    ports: dict[str, int] = field(default_factory=dict)
    servers: dict[str, Child] = field(default_factory=dict)
    acknowledged: list[int] = field(default_factory=list)
    prepared_from: int = FIRST_ID
    prepared: int = 0

    def prepare(self, count: int) -> None:
        """Make `count` requests nobody has seen."""
        self.prepared_from += self.prepared
        self.prepared = int(self.generator.ask(prepare=count, first_id=self.prepared_from)["prepared"])

    def load(self, kind: str, *, seconds: float, callers: int, rate: float = 0.0) -> dict[str, Any]:
        """One round against one server. Raises BenchFailed where it refuses anything."""
        expect = "" if kind.startswith("werobot") else "success"
        outcome = self.generator.ask(
            port=self.ports[kind], seconds=seconds, connections=callers, rate=rate, expect=expect
        )
        if outcome["refused"] or not outcome["acknowledged"]:
            raise BenchFailed(f"{kind} refused {outcome['refused']} of its requests")
        if kind == "product":
            self.acknowledged += [self.prepared_from + number for number in outcome["acknowledged"]]
        return outcome


def main(*, seconds: float = 3.0, rounds: int = 5, callers: int = 64) -> list[Result]:
    """Measure for `seconds` a round and server with `callers` connections. Raises BenchFailed."""
    clean_folder(PRODUCT_FOLDER)
    with contextlib.ExitStack() as stack:
        measured = _start(stack, new_receiver())
        measured.prepare(int(MOST_A_SECOND * seconds))
        ceiling = _rate(measured.load("nothing", seconds=seconds, callers=callers))
        for kind in LOADED:
            measured.load(kind, seconds=WARM_UP_S, callers=callers)
        rates = _saturate(measured, seconds=seconds, rounds=rounds, callers=callers)
        latencies = _latencies(measured, seconds=seconds, rounds=rounds, callers=callers, rate=SHARE * rates["product"])
        measured.servers["product"].kill()
        kept = _kept(PRODUCT_FOLDER / "xiaoer.db", measured.acknowledged)
        return _results(ceiling, rates, latencies, acknowledged=len(measured.acknowledged), kept=kept)


def _start(stack: contextlib.ExitStack, receiver: Receiver) -> Field:
    room = stack.enter_context(tempfile.TemporaryDirectory(prefix="xiaoer-bench-"))
    server_core, generator_core = cores()
    generator = stack.enter_context(child("benchmarks.generator"))
    generator.tell(cpu=generator_core, receiver=asdict(receiver), path=PATH)
    measured = Field(generator)
    for kind in ("nothing", *LOADED):
        folder = str(PRODUCT_FOLDER) if kind == "product" else room
        server = stack.enter_context(child("benchmarks.servers"))
        greeting = {"kind": kind, "cpu": server_core, "receiver": asdict(receiver), "folder": folder}
        measured.ports[kind] = int(server.ask(**greeting)["port"])
        measured.servers[kind] = server
    return measured


def _saturate(measured: Field, *, seconds: float, rounds: int, callers: int) -> dict[str, float]:
    """Requests a second of each server: the median over rounds in which all of them had their turn."""
    reached: dict[str, list[float]] = {kind: [] for kind in LOADED}
    for _ in range(rounds):
        measured.prepare(int(MOST_A_SECOND * seconds))
        for kind in LOADED:
            reached[kind].append(_rate(measured.load(kind, seconds=seconds, callers=callers)))
    return {kind: median(values) for kind, values in reached.items()}


def _latencies(measured: Field, *, seconds: float, rounds: int, callers: int, rate: float) -> list[float]:
    found: list[float] = []
    for _ in range(rounds):
        measured.prepare(int(2 * rate * seconds))
        found += measured.load("product", seconds=seconds, callers=callers, rate=rate)["latencies_ms"]
    return found


def _rate(outcome: dict[str, Any]) -> float:
    return len(outcome["acknowledged"]) / float(outcome["seconds"])


def _kept(database: Path, acknowledged: Sequence[int]) -> int:
    """How many of the acknowledged messages the database holds. Raises BenchFailed if one is missing."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        held = {row[0] for row in connection.execute("SELECT message_id FROM inbox")}
    kept = sum(str(number) in held for number in set(acknowledged))
    if kept != len(set(acknowledged)):
        raise BenchFailed(f"{len(set(acknowledged)) - kept} acknowledged messages are not in the database")
    return kept


def _results(
    ceiling: float, rates: dict[str, float], latencies: Sequence[float], *, acknowledged: int, kept: int
) -> list[Result]:
    acks = rates["product"]
    bare, sessions = "WeRoBot 1.13.1 on aiohttp, nothing stored", "WeRoBot 1.13.1 on aiohttp, sessions in SQLite"
    return [
        beside("door: acknowledgements", acks, "1/s", peer="verify + decrypt + parse only", peer_value=rates["floor"]),
        beside("door: acknowledgements", acks, "1/s", peer=bare, peer_value=rates["werobot"]),
        beside("door: acknowledgements", acks, "1/s", peer=sessions, peer_value=rates["werobot_sessions"]),
        alone("door: p50 at 80 % load", percentile(latencies, 0.50), "ms"),
        beside("door: p99 at 80 % load", percentile(latencies, 0.99), "ms", peer=FIGURE, peer_value=P99_MS),
        beside("door: in the database after kill -9", kept, "messages", peer="acknowledged", peer_value=acknowledged),
        beside("door: load generator's ceiling", ceiling, "1/s", peer="fastest server", peer_value=max(rates.values())),
    ]


if __name__ == "__main__":
    show("door", main())

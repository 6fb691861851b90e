"""How many texts a second are understood, beside a real Rasa 3.6 server asked the same in the same run?

Both answer POST /model/parse on this machine, may use every core, and are trained on the example shop. Ours finds the
scripts too. They are asked in turn, so that whatever else the machine does hits both.

The mix: messages of real customers in their own order (JDDC 2018). The first half of the conversations is what a shop
heard on the days before: it is asked once and not measured. The second half is measured, every message once, so that a
text is known only as far as customers repeat themselves from day to day: a quarter of it, 好的 and 谢谢 above all.
It is a hard mix: buyers of electronics write to a shop for cosmetics, whose scripts seldom fit for certain. Where the
real messages are absent the example shop's own questions stand in, which says little: they are all known.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Sequence

import uvloop

from benchmarks.children import BenchFailed, Child, child, memory_mb
from benchmarks.generator import Load, Outcome, Round
from benchmarks.rasa import rasa_server
from benchmarks.result import FIGURE, Result, alone, beside, percentile, show
from benchmarks.texts import ROOT, buyers_sessions, data_folder, shop_texts

FOLDER = ROOT / "var" / "bench-nlu"  # its models outlive the run
CALLERS = (1, 8, 32)
LONGEST_S = 120.0
P99_MS, FIGURE_AT = 40.0, 8  # callers
PROCESSES = 2  # of ours, as `xiaoer work` may run any number of
PEER = "Rasa 3.6 /model/parse"


def main(*, each: int = 480, callers: Sequence[int] = CALLERS) -> list[Result]:
    """Ask all for `each` texts at every number of callers. Raises BenchFailed."""
    before, texts = _texts(each * len(callers))
    with contextlib.ExitStack() as stack:
        rasa = stack.enter_context(rasa_server())
        results: list[Result] = []
        ask([rasa.port], before, callers=2 * PROCESSES)
        for processes in (1, PROCESSES):
            with contextlib.ExitStack() as ours:
                servers, ports = _start(ours, processes)
                ask(ports, before, callers=2 * PROCESSES)
                for number, several in enumerate(callers):
                    part = texts[number * each : (number + 1) * each]
                    peer = ask([rasa.port], part, callers=several)
                    asked = ask(ports, part, callers=several)
                    results += _compared(asked, peer, callers=several, processes=processes)
                held = sum(memory_mb(server.process.pid, "VmRSS") for server in servers)
            name = f"understanding, {_count(processes, 'process')}: memory"
            results.append(beside(name, held, "MB", peer=PEER, peer_value=memory_mb(rasa.process.pid, "VmRSS")))
        return [*results, alone("Rasa: ready after", rasa.ready_s, "s")]


def _start(stack: contextlib.ExitStack, processes: int) -> tuple[list[Child], list[int]]:
    servers = [stack.enter_context(child("benchmarks.parse_server")) for _ in range(processes)]
    return servers, [int(each.ask(folder=str(FOLDER / str(number)))["port"]) for number, each in enumerate(servers)]


def ask(ports: Sequence[int], texts: Sequence[str], *, callers: int) -> Outcome:
    """Ask for each text once by `callers` keep-alive connections, shared out evenly. Raises BenchFailed on a refusal.

    Workers take what waits in turn; a port that several processes serve would be shared out by chance.
    """
    asked = ports[:callers]
    shares = [texts[number :: len(asked)] for number in range(len(asked))]
    outcome = uvloop.run(_play(asked, shares, callers))
    if outcome.refused or len(outcome.latencies_ms) < len(texts):
        raise BenchFailed(f"{len(texts) - len(outcome.latencies_ms)} of {len(texts)} texts were not parsed")
    return outcome


def _texts(count: int) -> tuple[list[str], list[str]]:
    """What was asked before, and `count` texts to measure with."""
    sessions = buyers_sessions(data_folder())
    half = len(sessions) // 2
    before, theirs = (
        [text for session in part for text in session if text] for part in (sessions[:half], sessions[half:])
    )
    if not theirs:
        print("nlu: no real dialogues (XIAOER_DATA), the example shop's own questions only", file=sys.stderr)
        before = theirs = shop_texts()
    return before, [theirs[number % len(theirs)] for number in range(count)]


def _compared(ours: Outcome, peer: Outcome, *, callers: int, processes: int) -> list[Result]:
    what = f"understanding, {_count(processes, 'process')}, {_count(callers, 'caller')}"
    found = [beside(f"{what}: rate", _rate(ours), "texts/s", peer=PEER, peer_value=_rate(peer))]
    for name, share in (("p50", 0.50), ("p99", 0.99)):
        own, other = percentile(ours.latencies_ms, share), percentile(peer.latencies_ms, share)
        found.append(beside(f"{what}: {name}", own, "ms", peer=PEER, peer_value=other))
    if callers == FIGURE_AT:
        found.append(beside(f"{what}: p99", percentile(ours.latencies_ms, 0.99), "ms", peer=FIGURE, peer_value=P99_MS))
    return found


def _count(number: int, what: str) -> str:
    if number == 1:
        return f"1 {what}"
    return f"{number} {what}{'es' if what.endswith('s') else 's'}"


def _rate(outcome: Outcome) -> float:
    return len(outcome.acknowledged) / outcome.seconds


async def _play(ports: Sequence[int], shares: Sequence[Sequence[str]], callers: int) -> Outcome:
    loads = [
        Load(
            Round(port, LONGEST_S, callers // len(ports), expect='"intent_ranking"'),
            [_request(port, text) for text in share],
        )
        for port, share in zip(ports, shares, strict=True)
    ]
    every = await asyncio.gather(*(load.run() for load in loads))
    return Outcome(
        max(each.seconds for each in every),
        sum(each.refused for each in every),
        [number for each in every for number in each.acknowledged],
        [ms for each in every for ms in each.latencies_ms],
    )


def _request(port: int, text: str) -> bytes:
    body = json.dumps({"text": text}).encode()
    head = f"POST /model/parse HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


if __name__ == "__main__":
    show("nlu", main())

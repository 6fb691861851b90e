"""How many claims a second are decided while everybody grabs at the same conversations, and is it ever wrong?

Eight worker processes want the same 400 conversations for the same 40 of 200 agents, who
can have half of what is wanted, on a PostgreSQL of its own as it ships (each claim waits for the disk). So most are
refused, rightly: somebody has it, or she has no room. A claim is decided when it was granted or refused; what was
granted is let go again, which is as much work. Witnesses in the database note every owner passed over and every load
above capacity, as it is committed. Beside it, with the same load on the same server: counting what an agent has and
then writing, which is how the peers we read claim.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from benchmarks.children import BenchFailed, Child, child
from benchmarks.claim_ground import Seen, furnish, postgres, seen
from benchmarks.histogram import Histogram, together
from benchmarks.result import FIGURE, Result, alone, beside, show

WORKERS = 8
CONVERSATIONS = 400
CLAIMS = 100_000  # tries; a million with --claims 1000000
PEER_CLAIMS = 10_000
CLAIMS_PER_S, P99_MS = 200.0, 50.0
CHILD = "benchmarks.claim_child"
PEER = "counting, then claiming"


@dataclass(frozen=True, slots=True)
class Run:
    """One way of claiming under the load. latencies: of what was granted, in ms."""

    tries: int
    granted: int
    failed: int
    seconds: float
    latencies: Histogram
    seen: Seen

    @property
    def decided_per_s(self) -> float:
        """Claims granted or refused a second."""
        return (self.tries - self.failed) / self.seconds

    @property
    def granted_per_s(self) -> float:
        """Claims granted a second."""
        return self.granted / self.seconds


@dataclass(slots=True)
class Progress:
    """How far the workers are together, said on stderr with each twentieth."""

    way: str
    claims: int
    _tries: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def further(self, tries: int) -> None:
        """So many more were made."""
        with self._lock:
            before, self._tries = self._tries, self._tries + tries
            if before * 20 // self.claims < self._tries * 20 // self.claims:
                print(f"claim ({self.way}): {self._tries:,} of {self.claims:,} tries", file=sys.stderr)


def main(*, claims: int = CLAIMS) -> list[Result]:
    """Measure both ways. Raises BenchFailed if our own was ever wrong."""
    with postgres() as url:
        peer = _run(url, "count", min(claims, PEER_CLAIMS))
        ours = _run(url, "desk", claims)
    if ours.failed or ours.seen != Seen(0, 0, 0):
        raise BenchFailed(f"{ours.failed} claims failed, the witnesses saw {ours.seen}")
    return _results(ours, peer)


def _run(url: str, way: str, claims: int) -> Run:
    asyncio.run(furnish(url, CONVERSATIONS))
    progress = Progress(way, claims)
    with contextlib.ExitStack() as stack:
        workers = [stack.enter_context(child(CHILD)) for _ in range(WORKERS)]
        for number, worker in enumerate(workers):
            worker.tell(url=url, way=way, seed=number, claims=claims // WORKERS)
        with ThreadPoolExecutor(WORKERS) as threads:
            outcomes = list(threads.map(lambda worker: _outcome(worker, progress), workers))
    return Run(
        tries=sum(each["granted"] + each["refused"] + each["failed"] for each in outcomes),
        granted=sum(each["granted"] for each in outcomes),
        failed=sum(each["failed"] for each in outcomes),
        seconds=max(each["seconds"] for each in outcomes),
        latencies=together(each["latencies"] for each in outcomes),
        seen=seen(url),
    )


def _outcome(worker: Child, progress: Progress) -> dict[str, Any]:
    while "tries" in (heard := worker.hear()):
        progress.further(heard["tries"])
    return heard


def _results(ours: Run, peer: Run) -> list[Result]:
    decided, granted = "claim: decided (granted or refused)", "claim: granted"
    beside_peer = f"{PEER}, {peer.tries:,} tries"
    return [
        alone("claim: tries", ours.tries, "claims"),
        beside(decided, ours.decided_per_s, "1/s", peer=FIGURE, peer_value=CLAIMS_PER_S),
        beside(decided, ours.decided_per_s, "1/s", peer=PEER, peer_value=peer.decided_per_s),
        beside(granted, ours.granted_per_s, "1/s", peer=FIGURE, peer_value=CLAIMS_PER_S),
        beside(granted, ours.granted_per_s, "1/s", peer=PEER, peer_value=peer.granted_per_s),
        beside(
            "claim: p50 of the granted", ours.latencies.percentile(0.50), "ms",
            peer=PEER, peer_value=peer.latencies.percentile(0.50),
        ),
        beside("claim: p99 of the granted", ours.latencies.percentile(0.99), "ms", peer=FIGURE, peer_value=P99_MS),
        beside("claim: double owners", ours.seen.double_owners, "times",
            peer=beside_peer, peer_value=peer.seen.double_owners,
        ),
        beside("claim: over capacity", ours.seen.over_capacity, "times",
            peer=beside_peer, peer_value=peer.seen.over_capacity,
        ),
        alone("claim: books that do not add up", ours.seen.off_books, "agents"),
    ]  # fmt: skip


def chosen(arguments: Sequence[str]) -> list[Result]:
    """What `python -m benchmarks.claim [--claims N]` measures."""
    return main(claims=int(arguments[arguments.index("--claims") + 1]) if "--claims" in arguments else CLAIMS)


if __name__ == "__main__":
    show("claim", chosen(sys.argv[1:]))

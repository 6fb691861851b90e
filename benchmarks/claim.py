"""How many conversations a second can be claimed while everybody grabs at the same ones, and is it ever wrong?

Eight worker processes want the same 400 conversations for the same 40 of 200 agents, who
can have half of what is wanted, on a PostgreSQL of its own as it ships (each claim waits for the disk). Witnesses in
the database note every owner passed over and every load above capacity, as it is committed. Beside it, with the same
load on the same server: counting what an agent has and then writing, which is how the peers we read claim.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.children import BenchFailed, child
from benchmarks.claim_ground import Seen, furnish, postgres, seen
from benchmarks.result import FIGURE, Result, alone, beside, percentile, show

WORKERS = 8
CONVERSATIONS = 400
CLAIMS = 100_000  # tries; a million with --claims 1000000
PEER_CLAIMS = 10_000
CLAIMS_PER_S, P99_MS = 200.0, 50.0
CHILD = "benchmarks.claim_child"
PEER = "counting, then claiming"


@dataclass(frozen=True, slots=True)
class Run:
    """One way of claiming under the load."""

    tries: int
    granted: int
    failed: int
    seconds: float
    latencies_ms: Sequence[float]
    seen: Seen

    @property
    def per_second(self) -> float:
        """Claims granted a second."""
        return self.granted / self.seconds


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
    with contextlib.ExitStack() as stack:
        workers = [stack.enter_context(child(CHILD)) for _ in range(WORKERS)]
        for number, worker in enumerate(workers):
            worker.tell(url=url, way=way, seed=number, claims=claims // WORKERS)
        outcomes = [worker.hear() for worker in workers]
    return Run(
        tries=sum(each["granted"] + each["refused"] + each["failed"] for each in outcomes),
        granted=sum(each["granted"] for each in outcomes),
        failed=sum(each["failed"] for each in outcomes),
        seconds=max(each["seconds"] for each in outcomes),
        latencies_ms=[each for outcome in outcomes for each in outcome["latencies_ms"]],
        seen=seen(url),
    )


def _results(ours: Run, peer: Run) -> list[Result]:
    return [
        alone("claim: tries", ours.tries, "claims"),
        beside("claim: granted", ours.per_second, "1/s", peer=FIGURE, peer_value=CLAIMS_PER_S),
        beside("claim: granted", ours.per_second, "1/s", peer=PEER, peer_value=peer.per_second),
        alone("claim: p50", percentile(ours.latencies_ms, 0.50), "ms"),
        beside("claim: p99", percentile(ours.latencies_ms, 0.99), "ms", peer=FIGURE, peer_value=P99_MS),
        beside(
            "claim: double owners", ours.seen.double_owners, "times",
            peer=f"{PEER}, {peer.tries:,} tries", peer_value=peer.seen.double_owners,
        ),
        beside(
            "claim: over capacity", ours.seen.over_capacity, "times",
            peer=f"{PEER}, {peer.tries:,} tries", peer_value=peer.seen.over_capacity,
        ),
        alone("claim: books that do not add up", ours.seen.off_books, "agents"),
    ]  # fmt: skip


def chosen(arguments: Sequence[str]) -> list[Result]:
    """What `python -m benchmarks.claim [--claims N]` measures."""
    return main(claims=int(arguments[arguments.index("--claims") + 1]) if "--claims" in arguments else CLAIMS)


if __name__ == "__main__":
    show("claim", chosen(sys.argv[1:]))

"""How do the platforms treat us? Counters and latencies by account and call; no ids of people."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

CALLS = Counter(
    "xiaoer_platform_calls_total",
    "Calls of platform APIs by how they ended (ok, an error category, unreachable, ambiguous, rate_limited...).",
    ("account", "call", "outcome"),
)
EXCHANGE_SECONDS = Histogram(
    "xiaoer_platform_exchange_seconds",
    "Seconds of one HTTP exchange with a platform, retries counted one by one.",
    ("account", "call"),
    buckets=(0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)

"""Does a histogram tell what the values themselves would, within its 1 %?"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.histogram import WIDTH, Histogram, together
from benchmarks.result import percentile

LATENCIES = st.lists(st.floats(min_value=1e-3, max_value=1e5), max_size=40)


def of(values: list[float]) -> Histogram:
    found = Histogram()
    for each in values:
        found.add(each)
    return found


@given(LATENCIES, st.floats(min_value=0, max_value=1))
def test_a_percentile_is_the_exact_one_and_at_most_one_bucket_above(values: list[float], share: float) -> None:
    exact, read = percentile(values, share), of(values).percentile(share)
    assert exact * (1 - 1e-9) <= read <= exact * WIDTH * (1 + 1e-9)


@given(st.lists(LATENCIES, max_size=4))
def test_put_together_from_pipes_they_are_one(parts: list[list[float]]) -> None:
    heard = [json.loads(json.dumps(of(part).as_json())) for part in parts]
    assert together(heard) == of([each for part in parts for each in part])


def test_it_does_not_grow_with_what_it_counts() -> None:
    counted = of([1 + number / 100_000 * 99 for number in range(100_000)])  # 1 to 100 ms
    assert len(counted.buckets) < 500
    assert counted.buckets.total() == 100_000


def test_nothing_is_faster_than_no_time() -> None:
    with pytest.raises(ValueError, match=r"math domain error|expected a positive input"):
        Histogram().add(0.0)

"""Do the staffing formulas agree with closed forms, published values and a simulation of real agents?"""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff import Demand, Service, Target, UnreachableError, agents_needed, service
from tests.handoff.simulated_shift import simulate


def erlang_c(agents: int, load: float) -> float:
    """The share that waits, by the textbook's sum. load: in erlangs."""
    top = load**agents / math.factorial(agents) * agents / (agents - load)
    return top / (sum(load**k / math.factorial(k) for k in range(agents)) + top)


@pytest.mark.parametrize(
    ("arrivals", "handle_s", "agents"), [(200, 180, 11), (200, 180, 14), (60, 300, 7), (900, 90, 25)]
)
def test_without_patience_it_is_erlang_c(arrivals: float, handle_s: float, agents: int) -> None:
    load = arrivals * handle_s / 3600
    given_ = service(Demand(arrivals, handle_s), agents, within_s=20)
    waits = erlang_c(agents, load)
    assert given_.waiting == pytest.approx(waits, rel=1e-9)
    assert given_.wait_s == pytest.approx(waits * handle_s / (agents - load), rel=1e-9)
    assert given_.level == pytest.approx(1 - waits * math.exp(-(agents - load) * 20 / handle_s), rel=1e-9)
    assert given_.occupancy == pytest.approx(load / agents, rel=1e-9)


def test_the_textbook_example() -> None:
    """100 calls in 30 minutes of 3 minutes each, 14 agents: 17.4 % wait, 7.8 s on average, 88.8 % within 20 s."""
    found = service(Demand(200, 180), 14, within_s=20)
    assert (round(found.waiting, 3), round(found.wait_s, 1), round(found.level, 3)) == (0.174, 7.8, 0.888)
    assert agents_needed(Demand(200, 180), Target(0.8, 20)) == 14


@given(st.floats(1, 110), st.floats(1, 30), st.floats(0, 300))
def test_one_agent_is_m_m_1(arrivals: float, handle_s: float, within_s: float) -> None:
    busy = arrivals * handle_s / 3600
    found = service(Demand(arrivals, handle_s), 1, within_s)
    assert found.waiting == pytest.approx(busy, rel=1e-9)
    assert found.wait_s == pytest.approx(busy * handle_s / (1 - busy), rel=1e-6)
    assert found.level == pytest.approx(1 - busy * math.exp(-(1 - busy) * within_s / handle_s), abs=1e-9)


def test_nobody_serves_and_everybody_leaves() -> None:
    found = service(Demand(100, 60, patience_s=90), 0, within_s=20)
    assert (found.level, round(found.abandonment, 9), round(found.wait_s, 6)) == (0, 1, 90)


def test_too_few_without_patience_never_catch_up() -> None:
    found = service(Demand(200, 180), 10, within_s=20)
    assert found == Service(level=0, wait_s=math.inf, waiting=1, abandonment=0, occupancy=1)


def test_nobody_comes() -> None:
    assert agents_needed(Demand(0, 180), Target()) == 0
    assert service(Demand(0, 180), 0, 20).meets(Target())


def test_what_no_number_reaches_is_said() -> None:
    with pytest.raises(UnreachableError, match="ask for less"):
        agents_needed(Demand(1, 180), Target(level=1.1))


@pytest.mark.parametrize(
    "wrong", [{"handle_s": 0}, {"patience_s": 0}, {"chats": 0}, {"arrivals_per_h": -1}, {"slowdown": -1}]
)
def test_impossible_demand_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        Demand(**{"arrivals_per_h": 1, "handle_s": 1} | wrong)  # type: ignore[arg-type]  # what is wrong is the point


demands = st.builds(
    Demand,
    arrivals_per_h=st.floats(0.5, 600),
    handle_s=st.floats(20, 900),
    patience_s=st.none() | st.floats(20, 1800),
    chats=st.integers(1, 5),
    slowdown=st.floats(0, 0.5),
)


@given(demands, st.floats(0.5, 0.95), st.floats(5, 120))
def test_the_number_is_the_fewest_that_meets(demand: Demand, level: float, within_s: float) -> None:
    target = Target(level, within_s)
    fewest = agents_needed(demand, target)
    assert service(demand, fewest, within_s).meets(target)
    assert not service(demand, fewest - 1, within_s).meets(target)


@given(demands, st.integers(1, 40))
def test_one_more_agent_never_hurts(demand: Demand, agents: int) -> None:
    fewer, more = service(demand, agents, 20), service(demand, agents + 1, 20)
    assert more.level >= fewer.level - 1e-9
    assert more.abandonment <= fewer.abandonment + 1e-9 or fewer.wait_s == math.inf
    assert more.wait_s <= fewer.wait_s + 1e-6
    for found in (fewer, more):
        assert 0 <= found.level <= 1
        assert 0 <= found.abandonment <= 1
        assert 0 <= found.occupancy <= 1 + 1e-9


@pytest.mark.parametrize(
    ("demand", "agents"),
    [
        (Demand(200, 180), 12),
        (Demand(200, 180, patience_s=120), 10),
        (Demand(300, 240, patience_s=60, chats=3), 7),
        (Demand(90, 300, patience_s=300, chats=2), 3),
    ],
)
def test_a_simulated_shift_sees_the_same(demand: Demand, agents: int) -> None:
    """Agents one by one, each chat with its own end; agreement within four standard errors over batches."""
    seen = simulate(demand, agents, within_s=20, customers=60_000, seed=4)
    told = service(demand, agents, within_s=20)
    assert told.level == pytest.approx(seen.level.mean, abs=4 * seen.level.error)
    assert told.wait_s == pytest.approx(seen.wait_s.mean, abs=4 * seen.wait_s.error)
    assert told.abandonment == pytest.approx(seen.abandonment.mean, abs=4 * seen.abandonment.error + 1e-9)


def test_uneven_loads_cost_little() -> None:
    """The chain spreads chats evenly at any time; real agents keep theirs. The difference stays within two points."""
    demand = Demand(300, 200, patience_s=90, chats=3, slowdown=0.25)
    seen = simulate(demand, 9, within_s=20, customers=60_000, seed=4)
    told = service(demand, 9, within_s=20)
    assert told.level == pytest.approx(seen.level.mean, abs=0.02)
    assert told.abandonment == pytest.approx(seen.abandonment.mean, abs=0.02)

"""Is the talk of the archive's bench the same each time, in order, and as much as was asked for?"""

from __future__ import annotations

from archive import Voice
from benchmarks.talk import talk


def test_a_seed_always_says_the_same() -> None:
    said = list(talk(500, seed=1))
    assert said == list(talk(500, seed=1))
    assert said != list(talk(500, seed=2))
    assert len({each.source_id for each in said}) == 500
    assert {each.voice for each in said} == {Voice.CUSTOMER, Voice.AGENT}
    assert len({each.customer for each in said}) > 5

"""Does nothing pass a gate that the legal basis does not allow, in whatever order we hear of things?"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.consent import DEFAULT_BASES, Basis, Consent, Gate, Provenance, Said, allows, standing_of

STATUSES = (None, *Consent)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
facts = st.lists(
    st.builds(Said, st.sampled_from(list(Consent)), st.integers(-3, 3).map(lambda hours: NOON + timedelta(hours=hours)))
)
bases = st.fixed_dictionaries(
    {each: st.fixed_dictionaries({gate: st.sampled_from(list(Basis)) for gate in Gate}) for each in Provenance}
)

# What each basis lets pass, spelled out a second time.
OPEN: dict[Basis, set[Consent | None]] = {
    Basis.AGREED: {Consent.AGREE},
    Basis.NOT_REFUSED: {None, Consent.AGREE, Consent.DEFAULT_AGREE},
    Basis.CONTRACT: {None, Consent.AGREE, Consent.DEFAULT_AGREE, Consent.DISAGREE},
    Basis.NEVER: set(),
}


@given(st.sampled_from(list(Gate)), st.sampled_from(STATUSES), st.sampled_from(list(Provenance)), bases)
def test_nothing_passes_that_its_basis_does_not_allow(gate, status, provenance, bases) -> None:  # type: ignore[no-untyped-def]
    passes = allows(gate, status, provenance, bases)
    refused_archive = status is Consent.DISAGREE and provenance is Provenance.ARCHIVE
    assert passes == (status in OPEN[bases[provenance][gate]] and not refused_archive)


@given(st.sampled_from(list(Gate)), st.sampled_from(list(Provenance)), bases)
def test_a_withdrawal_closes_every_gate_on_every_basis(gate, provenance, bases) -> None:  # type: ignore[no-untyped-def]
    assert not allows(gate, Consent.WITHDRAWN, provenance, bases)


@pytest.mark.parametrize("provenance", Provenance)
@pytest.mark.parametrize("status", STATUSES)
def test_only_a_yes_lets_train_by_default(provenance: Provenance, status: Consent | None) -> None:
    assert allows(Gate.TRAIN, status, provenance, DEFAULT_BASES) == (status is Consent.AGREE)


@given(facts, st.randoms())
def test_the_order_of_arrival_says_nothing(said: list[Said], chance: random.Random) -> None:
    shuffled = said + said[: len(said) // 2]  # some are told twice
    chance.shuffle(shuffled)
    assert standing_of(shuffled) == standing_of(said)
    assert standing_of(shuffled, NOON) == standing_of([each for each in said if each.changed_at <= NOON])


@given(facts)
def test_default_agree_lifts_no_refusal(said: list[Said]) -> None:
    later = [*said, Said(Consent.DEFAULT_AGREE, NOON + timedelta(days=1))]
    spoken = standing_of([each for each in said if each.status is not Consent.DEFAULT_AGREE])
    assert standing_of(later) == (spoken or Consent.DEFAULT_AGREE)


def test_of_two_things_said_at_once_the_more_restrictive_holds() -> None:
    assert standing_of([Said(Consent.WITHDRAWN, NOON), Said(Consent.AGREE, NOON)]) is Consent.WITHDRAWN
    assert standing_of([Said(Consent.DISAGREE, NOON), Said(Consent.AGREE, NOON)]) is Consent.DISAGREE

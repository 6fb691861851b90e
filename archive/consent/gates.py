"""Which gate is open for whose words, on which legal basis? Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from archive.consent.values import Consent, Gate, Provenance


class Basis(StrEnum):
    """On what ground her words are used (PIPL Art 13)."""

    AGREED = "agreed"  # she said yes
    NOT_REFUSED = "not_refused"  # she was told, could refuse, and did not
    CONTRACT = "contract"  # needed to serve her, until she withdraws
    NEVER = "never"


Bases = Mapping[Provenance, Mapping[Gate, Basis]]

DEFAULT_BASES: Final[Bases] = {
    Provenance.ARCHIVE: {Gate.STORE: Basis.NOT_REFUSED, Gate.ANALYSE: Basis.NOT_REFUSED, Gate.TRAIN: Basis.AGREED},
    Provenance.SERVICE: {Gate.STORE: Basis.CONTRACT, Gate.ANALYSE: Basis.CONTRACT, Gate.TRAIN: Basis.AGREED},
    Provenance.IMPORT: {Gate.STORE: Basis.CONTRACT, Gate.ANALYSE: Basis.CONTRACT, Gate.TRAIN: Basis.AGREED},
}
_RESTRICTION: Final = {Consent.AGREE: 0, Consent.DISAGREE: 1, Consent.WITHDRAWN: 2}


@dataclass(frozen=True, slots=True)
class Said:
    """One fact of the ledger."""

    status: Consent
    changed_at: datetime


def allows(gate: Gate, status: Consent | None, provenance: Provenance, bases: Bases) -> bool:
    """Whether words of this provenance may pass the gate. status: None where nothing is known.

    Nothing known counts as not refused, for the session archive as for WeCom itself, which archives whom it told and
    who did not refuse (handoff-and-workbench §6.3). A withdrawal closes every gate on every basis, and no contract
    outweighs a Disagree to the session archive.
    """
    if status is Consent.WITHDRAWN or (status is Consent.DISAGREE and provenance is Provenance.ARCHIVE):
        return False
    match bases[provenance][gate]:
        case Basis.AGREED:
            return status is Consent.AGREE
        case Basis.NOT_REFUSED:
            return status is not Consent.DISAGREE
        case Basis.CONTRACT:
            return True
        case Basis.NEVER:
            return False


def standing_of(facts: Iterable[Said], at: datetime | None = None) -> Consent | None:
    """How she stands, or stood at a moment, in whatever order the facts came. None: nothing known.

    What she said last holds, of two things said at once the more restrictive; Default_Agree is what holds as long as
    she said nothing: it never lifts a refusal.
    """
    said = [each for each in facts if at is None or each.changed_at <= at]
    spoken = [each for each in said if each.status is not Consent.DEFAULT_AGREE]
    if not spoken:
        return Consent.DEFAULT_AGREE if said else None
    return max(spoken, key=lambda each: (each.changed_at, _RESTRICTION[each.status])).status

"""May we keep, analyse, learn from what somebody said, and how does it go when she takes that back?

Front door: `Consents` (record, standing, may, may_store) over `Asks` and `Purges`; `allows` with `Bases`; `Purger`
with `PurgeStep`s, those of the archive by `ArchiveTraces`.
"""

from archive.consent.asks import AskClaim, Asks, Rhythm
from archive.consent.gates import DEFAULT_BASES, Bases, Basis, Said, allows, standing_of
from archive.consent.ledger import ConsentRow, Consents
from archive.consent.purges import Purge, PurgeClaim, Purges, Target
from archive.consent.purging import Purger, PurgeStep, Serving
from archive.consent.removing import ArchiveTraces
from archive.consent.tables import ConsentTables
from archive.consent.values import EVERYWHERE, Consent, ConsentFact, Gate, Party, Provenance, party_of, provenance_of

__all__ = [
    "DEFAULT_BASES",
    "EVERYWHERE",
    "ArchiveTraces",
    "AskClaim",
    "Asks",
    "Bases",
    "Basis",
    "Consent",
    "ConsentFact",
    "ConsentRow",
    "ConsentTables",
    "Consents",
    "Gate",
    "Party",
    "Provenance",
    "Purge",
    "PurgeClaim",
    "PurgeStep",
    "Purger",
    "Purges",
    "Rhythm",
    "Said",
    "Serving",
    "Target",
    "allows",
    "party_of",
    "provenance_of",
    "standing_of",
]

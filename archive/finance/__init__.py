"""How do conversations come in from WeCom's session archive? Through Tencent's Finance SDK, in a process of its own.

Front door: `FinanceSdk` (page, decrypt, media, whatever the library does), `PrivateKeys`, `KeyOpener` (random keys, in
a process of their own), `read_page`, `open_envelopes`, `understand`, and the stores `Pulls`, `Aside`, `Storing`,
`MediaQueue`, `Pieces`.
"""

from archive.finance.aside import Aside, Lying, by_reason
from archive.finance.codes import advice_for, known_codes, reason_advice
from archive.finance.consents import consent_entry
from archive.finance.errors import AnswerTooLarge, ChildDied, FinanceError, LibraryUnusable, PageUnreadable, SdkRefused
from archive.finance.exchange import FileChunk, NotOpened, SdkAccess, SdkLimits, Sealed
from archive.finance.keys import KeyOpener, PrivateKeys
from archive.finance.leases import LeaseLost
from archive.finance.media import FileClaim, MediaQueue, RemoveFiles, StoredFile
from archive.finance.opening import WAITING_KEY, Opened, open_envelopes
from archive.finance.page import Envelope, PutAside, SealedPage, read_page
from archive.finance.people import SOURCE, Unreadable
from archive.finance.pieces import Pieces
from archive.finance.pulls import PullClaim, Pulls, PullState
from archive.finance.reading import FilePart, Heard, read_message
from archive.finance.sdk import FinanceSdk
from archive.finance.storing import ConsentLedger, Stored, Storing, Understood, understand
from archive.finance.tables import FinanceTables

__all__ = [
    "SOURCE",
    "WAITING_KEY",
    "AnswerTooLarge",
    "Aside",
    "ChildDied",
    "ConsentLedger",
    "Envelope",
    "FileChunk",
    "FileClaim",
    "FilePart",
    "FinanceError",
    "FinanceSdk",
    "FinanceTables",
    "Heard",
    "KeyOpener",
    "LeaseLost",
    "LibraryUnusable",
    "Lying",
    "MediaQueue",
    "NotOpened",
    "Opened",
    "PageUnreadable",
    "Pieces",
    "PrivateKeys",
    "PullClaim",
    "PullState",
    "Pulls",
    "PutAside",
    "RemoveFiles",
    "SdkAccess",
    "SdkLimits",
    "SdkRefused",
    "Sealed",
    "SealedPage",
    "Stored",
    "StoredFile",
    "Storing",
    "Understood",
    "Unreadable",
    "advice_for",
    "by_reason",
    "consent_entry",
    "known_codes",
    "open_envelopes",
    "read_message",
    "read_page",
    "reason_advice",
    "understand",
]

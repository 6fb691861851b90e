"""Against what are tests and benches of the session archive run? A stand-in for Tencent's library, and a corp in it."""

from benchmarks.finance.corp import ArchivedCorp, new_key, pem
from benchmarks.finance.library import build_library

__all__ = ["ArchivedCorp", "build_library", "new_key", "pem"]

"""Is it worth asking a server again that failed just now?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Circuit:
    """Opens after `failures` failures in a row, for `rest_s`; then one caller may try, and the others after it.

    clock: seconds that only grow. A server that is down costs its callers nothing while the circuit is open.
    """

    clock: Callable[[], float]
    failures: int = 3
    rest_s: float = 5.0
    _failed: int = field(default=0, init=False)
    _opens_again_at: float = field(default=0.0, init=False)

    def allows(self) -> bool:
        """Whether to ask now. After the rest the first who asks is let through, the next wait for its outcome."""
        if self._failed < self.failures:
            return True
        if (now := self.clock()) < self._opens_again_at:
            return False
        self._opens_again_at = now + self.rest_s
        return True

    def succeeded(self) -> None:
        """The server answered: close."""
        self._failed = 0

    def failed(self) -> None:
        """The server did not answer."""
        self._failed += 1
        if self._failed >= self.failures:
            self._opens_again_at = self.clock() + self.rest_s

"""How is the platform made to misbehave on demand? A queue of faults, used up by the calls they hit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong. The first group hits API calls, the second callbacks, the third single events."""

    TIMEOUT_BEFORE = "timeout_before"  # nothing happens, and no answer comes
    TIMEOUT_AFTER_ACCEPTING = "timeout_after_accepting"  # it happens, but no answer comes
    ERRCODE = "errcode"  # refused with `errcode`
    ERRCODE_AFTER_ACCEPTING = "errcode_after_accepting"  # it happens, and is still answered with `errcode`
    HTTP_502 = "http_502"
    EXPIRE_TOKEN = "expire_token"  # noqa: S105 - a name, not a secret
    EMPTY_PAGE = "empty_page"  # kf/sync_msg: has_more=1 with an empty msg_list
    FAIL_DELIVERY = "fail_delivery"  # kf/send_msg: errcode 0, then a msg_send_fail event

    DUPLICATE = "duplicate"  # the callback comes `copies` times
    REORDER = "reorder"  # the callback comes after the next one of its account
    DROP = "drop"  # the callback never comes

    LOSE_EVENT = "lose_event"  # the event never enters the kf log


BEFORE_CALL = frozenset({FaultKind.TIMEOUT_BEFORE, FaultKind.ERRCODE, FaultKind.HTTP_502, FaultKind.EXPIRE_TOKEN})
AFTER_CALL = frozenset({FaultKind.TIMEOUT_AFTER_ACCEPTING, FaultKind.ERRCODE_AFTER_ACCEPTING})
CALLBACK = frozenset({FaultKind.DUPLICATE, FaultKind.REORDER, FaultKind.DROP})


@dataclass(frozen=True, slots=True)
class Fault:
    """One misbehaviour in waiting.

    on: an API path ("/cgi-bin/kf/send_msg", "*" for any call), "callback:<account>" ("callback:*"),
        or "event:<event_type>".
    count: how many calls it hits. errcode: for the errcode kinds and, as fail_type, for FAIL_DELIVERY.
    copies: for DUPLICATE, deliveries in total. seconds: how long a time-out holds the connection.
    """

    on: str
    kind: FaultKind
    count: int = 1
    errcode: int = -1
    copies: int = 2
    seconds: float = 30.0


class Faults:
    """The faults in waiting, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    @property
    def waiting(self) -> tuple[Fault, ...]:
        """What has not happened yet."""
        return tuple(self._waiting)

    def add(self, *faults: Fault) -> None:
        """Queue faults."""
        self._waiting.extend(faults)

    def clear(self) -> None:
        """Behave again."""
        self._waiting.clear()

    def take(self, names: Collection[str], kinds: Collection[FaultKind]) -> Fault | None:
        """The next fault of one of these kinds waiting for one of these names, its count reduced by one."""
        for position, fault in enumerate(self._waiting):
            if fault.on in names and fault.kind in kinds:
                if fault.count > 1:
                    self._waiting[position] = replace(fault, count=fault.count - 1)
                else:
                    del self._waiting[position]
                return fault
        return None

"""What was said between a customer and an inbox, as the people see it on their screens?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.simulator.values import Json

Speaker = Literal["customer", "bot", "servicer", "platform"]


@dataclass(slots=True)
class Line:
    """One bubble. `body` is the object the platform names after the msgtype, e.g. {"content": …} for text.

    id: msgid of the platform. speaker "platform" marks the grey notices of WeChat itself.
    """

    id: str
    at: datetime
    place: str
    customer: str
    speaker: Speaker
    name: str
    msgtype: str
    body: Mapping[str, object]
    recalled: bool = False

    @property
    def text(self) -> str:
        """The words of a text, the head of a menu, else ""."""
        return str(self.body.get("content") or self.body.get("head_content") or "")

    def as_json(self) -> Json:
        """For the pages."""
        return {
            "id": self.id,
            "at": self.at.isoformat(),
            "speaker": self.speaker,
            "name": self.name,
            "msgtype": self.msgtype,
            "body": dict(self.body),
            "recalled": self.recalled,
        }


class Threads:
    """Every thread by customer key and place. A place is an official account's name or an open_kfid."""

    def __init__(self) -> None:
        self._of: defaultdict[str, dict[str, list[Line]]] = defaultdict(dict)
        self._by_id: dict[str, Line] = {}

    def add(self, line: Line) -> None:
        """Append to the line's thread."""
        self._of[line.customer].setdefault(line.place, []).append(line)
        self._by_id[line.id] = line

    def of(self, place: str, customer: str) -> list[Line]:
        """One thread, oldest first."""
        return self._of[customer].get(place, [])

    def seen_by(self, customer: str) -> list[Line]:
        """All the customer was shown by others, over all places, oldest first."""
        lines = [line for thread in self._of[customer].values() for line in thread if line.speaker != "customer"]
        return sorted(lines, key=lambda line: line.at)

    def find(self, line_id: str) -> Line | None:
        """The line with this id."""
        return self._by_id.get(line_id)

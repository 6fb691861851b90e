"""What can a person send besides words? Pictures and files, and the question whether the customer is satisfied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from bot.domain import ChannelKind, MediaContent
from bot.platform.media import MAGIC_BYTES, recognise, safe_name
from bot.settings import LimitSettings
from bot.speaking import held_by
from bot.store.sent_files import SentFile, keep_sent
from bot.survey import Survey
from bot.wakeups import Wakeups
from bot.workbench import Workbench
from handoff import Refused

if TYPE_CHECKING:
    pass

# What both platforms take as a picture or a video; what else is known goes as a file [W 90253].
_SHOWN: Final[dict[str, Literal["image", "video"]]] = {
    "image/jpeg": "image",
    "image/png": "image",
    "video/mp4": "video",
}


@dataclass(frozen=True, slots=True)
class Unfit:
    """A file that cannot be sent. why: empty | too_large | no_files. most: bytes that are taken."""

    why: str
    most: int = 0


@dataclass(frozen=True, slots=True)
class DeskSends:
    """Commands of the person who serves. A Refused has changed nothing."""

    workbench: Workbench
    survey: Survey
    limits: LimitSettings

    @property
    def asks(self) -> bool:
        """Whether the shop asks its customers at all."""
        return self.survey.settings.enabled

    @property
    def most_bytes(self) -> int:
        """Of the largest file that some channel takes."""
        return max(self.limits.image_bytes, self.limits.video_bytes, self.limits.file_bytes)

    def judge(self, data: bytes, name: str, channel: ChannelKind) -> SentFile | Unfit:
        """What it is, by its bytes, and whether this channel takes it."""
        if not data:
            return Unfit("empty")
        _, content_type = recognise(data[:MAGIC_BYTES])
        shown: Literal["image", "video", "file"] = _SHOWN.get(content_type, "file")
        limits = {
            "image": self.limits.image_bytes, "video": self.limits.video_bytes, "file": self.limits.file_bytes
        }  # fmt: skip
        if shown == "file" and channel is not ChannelKind.WECOM_KF:
            return Unfit("no_files")  # an official account sends pictures, voice and videos only [OA custom message]
        if len(data) > limits[shown]:
            return Unfit("too_large", limits[shown])
        return SentFile(shown, safe_name(name) or shown, content_type, data)

    async def send_file(self, conversation_id: int, agent: str, file: SentFile, *, client_id: str) -> Refused | None:
        """Send a file to the customer. The same client_id again is a no-op."""
        bench = self.workbench
        async with bench.engine.begin() as connection:
            row = await held_by(connection, conversation_id, agent)
            if isinstance(row, Refused):
                return row
            turn_id = await bench.speaking.turn_of(connection, conversation_id, agent, client_id)
            if turn_id is None:
                return None
            source = await keep_sent(connection, row.account, row.customer, file, bench.now())
            await bench.handover.clockwork.person_spoke(connection, conversation_id, by=agent)
            await bench.speaking.send(connection, row, agent, MediaContent(file.kind, "", source), turn_id)
        self._changed(conversation_id)
        return None

    async def ask_satisfaction(self, conversation_id: int, agent: str, ticket_id: int) -> Refused | bool:
        """Ask whether she is satisfied, while she is served; False where she was asked not long ago."""
        bench = self.workbench
        async with bench.engine.begin() as connection:
            row = await held_by(connection, conversation_id, agent)
            if isinstance(row, Refused):
                return row
            question = await self.survey.question(connection, bench.mind().shop, ticket_id=ticket_id)
            if question is None:
                return False
            await bench.speaking.send(connection, row, agent, question, None)
        self._changed(conversation_id)
        return True

    def _changed(self, conversation_id: int) -> None:
        for topic in (Wakeups.OUTBOX, Wakeups.CONSOLE, f"conversation:{conversation_id}"):
            self.workbench.wakeups.ring(topic)

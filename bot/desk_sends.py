"""What can a person send besides words? Pictures and files, and the question whether the customer is satisfied."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import insert, select

from bot.domain import ChannelKind, MediaContent, MenuContent, Speaker
from bot.platform.media import MAGIC_BYTES, recognise, safe_name
from bot.settings import LimitSettings
from bot.store.conversation_rows import conversation_row
from bot.store.effects import add_beside
from bot.store.sent_files import SentFile, keep_sent
from bot.store.tables import turns
from bot.store.views import Budget
from bot.survey import Survey
from bot.wakeups import Wakeups
from bot.workbench import Workbench
from handoff import Refusal, Refused

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

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
            row = await _hers(connection, conversation_id, agent)
            if isinstance(row, Refused):
                return row
            turn_id = await self._said_once(connection, conversation_id, agent, client_id)
            if turn_id is None:
                return None
            source = await keep_sent(connection, row.account, row.customer, file, bench.now())
            await bench.handover.clockwork.person_spoke(connection, conversation_id, by=agent)
            await self._say(connection, row, agent, MediaContent(file.kind, "", source), turn_id)
        self._changed(conversation_id)
        return None

    async def ask_satisfaction(self, conversation_id: int, agent: str, ticket_id: int) -> Refused | bool:
        """Ask whether she is satisfied, while she is served; False where she was asked not long ago."""
        bench = self.workbench
        async with bench.engine.begin() as connection:
            row = await _hers(connection, conversation_id, agent)
            if isinstance(row, Refused):
                return row
            question = await self.survey.question(connection, bench.mind().shop, ticket_id=ticket_id)
            if question is None:
                return False
            await self._say(connection, row, agent, question, None)
        self._changed(conversation_id)
        return True

    async def _say(
        self,
        connection: AsyncConnection,
        row: Row[Any],
        agent: str,
        content: MediaContent | MenuContent,
        turn_id: int | None,
    ) -> None:
        bench = self.workbench
        said = bench.speech.say(
            bench.plans[row.account, ChannelKind(row.channel)],
            (content,),
            speaker=Speaker.AGENT,
            budget=Budget(sends_left=row.sends_left, ends_at=row.window_ends_at),
            inline=True,
        )
        effects = [replace(each, payload={**each.payload, "agent": agent}) for each in said]
        await add_beside(connection, row.id, effects, turn_id=turn_id, now=bench.now())

    async def _said_once(
        self, connection: AsyncConnection, conversation_id: int, agent: str, client_id: str
    ) -> int | None:
        """The id of the turn for what she sends; None where the same was sent before."""
        known = select(turns.c.id).where(turns.c.client_id == client_id)
        if (await connection.execute(known)).one_or_none() is not None:
            return None
        row = {
            "conversation_id": conversation_id, "client_id": client_id, "author": "agent", "decision": "said",
            "reason": agent, "created_at": self.workbench.now(),
        }  # fmt: skip
        return int((await connection.execute(insert(turns).values(row).returning(turns.c.id))).scalar_one())

    def _changed(self, conversation_id: int) -> None:
        for topic in (Wakeups.OUTBOX, Wakeups.CONSOLE, f"conversation:{conversation_id}"):
            self.workbench.wakeups.ring(topic)


async def _hers(connection: AsyncConnection, conversation_id: int, agent: str) -> Row[Any] | Refused:
    """The conversation, if this agent has it."""
    row = await conversation_row(connection, conversation_id)
    if row is None:
        return Refused(Refusal.UNKNOWN_CONVERSATION)
    return row if (row.owner, row.agent) == ("agent", agent) else Refused(Refusal.NOT_YOURS)

"""Which minds does the console's shop have? Real ones, over an encoder that knows characters only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.bootstrap import SCRIPT_TABLES
from bot.content.applying import ContentStore
from bot.content.minds import Minds
from bot.content.understanding import Readers
from handoff import Desk
from knowledge_base import KnowledgeBase, Library
from nlu import AsyncEncoder, RememberingEncoder
from nlu.encoder import Vectors
from tests.spelt import DIM, spelt


class Spelt:
    """Characters only."""

    dim, fingerprint = DIM, "spelt"

    def encode(self, texts: Sequence[str]) -> Vectors:
        return spelt(texts)


async def everybody_agreed(_: AsyncConnection, people: Collection[tuple[str, str]]) -> Collection[tuple[str, str]]:
    return people


def spelt_minds(engine: AsyncEngine, desk: Desk, folder: Path, now: Callable[[], datetime]) -> Minds:
    """Not started: whoever asks them first writes content."""
    encoder = RememberingEncoder(Spelt())
    knowledge = KnowledgeBase(encode=encoder.encode, encoder=encoder.fingerprint)
    readers = Readers(encoder, AsyncEncoder(Spelt()))
    store = ContentStore(Library(SCRIPT_TABLES), desk)
    return Minds(engine, store, encoder, readers, knowledge, folder, everybody_agreed, now)

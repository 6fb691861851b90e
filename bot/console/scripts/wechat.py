"""How does an answer look in WeChat? The messages of a script on one channel, as its bubbles."""

from __future__ import annotations

from bot.beside import contents_of
from bot.console.console import Console
from bot.domain import Content, TextContent
from bot.studio.shelf import Shelf
from knowledge_base import Menu, Script


async def bubbles_of(console: Console, script: Script, channel: str) -> tuple[Content, ...]:
    """The answer and what is sent after it."""
    titles = await _titles(console.studio.shelf, script)
    beside = contents_of(
        script.attachments,
        title_of=lambda script_id: titles.get(script_id, ""),
        menu_head=console.say("customer.menu_head"),
    )
    return (TextContent(script.answer(channel)), *beside)


async def _titles(shelf: Shelf, script: Script) -> dict[str, str]:
    named = [each for one in script.attachments if isinstance(one, Menu) for each in one.scripts]
    rows = [await shelf.row(each) for each in named]
    return {row.id: row.title for row in rows if row is not None}

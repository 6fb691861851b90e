"""Can a live script be changed beside its answering, and does nobody's change get lost?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.bootstrap import SCRIPT_TABLES
from knowledge_base import Edits, ImportFailed, Library, Overtaken, Script, script_of

NOW = datetime(2026, 3, 1, 6, 20, tzinfo=UTC)
SCRIPT = Script("fee", "运费", ("物流",), "before", ("运费多少",), {"default": "满 99 元包邮。"})


async def test_only_who_saw_the_newest_version_writes_the_next(engine: AsyncEngine) -> None:
    library = Library(SCRIPT_TABLES)
    async with engine.begin() as connection:
        assert await library.save(connection, SCRIPT, over=0, at=NOW, by="a") == 1
        assert await library.save(connection, replace(SCRIPT, title="邮费"), over=1, at=NOW, by="a") == 2
        for over in (0, 1, 3):
            with pytest.raises(Overtaken):
                await library.save(connection, SCRIPT, over=over, at=NOW, by="b")
        assert await library.current(connection, "fee") == (replace(SCRIPT, title="邮费"), 2)


async def test_an_edit_waits_beside_the_script_and_two_do_not_overwrite_each_other(engine: AsyncEngine) -> None:
    edits = Edits(SCRIPT_TABLES)
    draft = replace(SCRIPT, state="draft", answers={"default": "一律包邮。"})
    async with engine.begin() as connection:
        await edits.put(connection, draft, 1, over="", at=NOW, by="a")
        with pytest.raises(Overtaken):  # who saw no edit
            await edits.put(connection, SCRIPT, 1, over="", at=NOW, by="b")
        kept = await edits.of(connection, "fee")
        assert kept is not None
        assert (kept.script, kept.based_on, kept.changed_by) == (draft, 1, "a")
        await edits.put(connection, replace(draft, state="review"), 1, over=kept.mark, at=NOW, by="b")
        with pytest.raises(Overtaken):  # who saw the one before
            await edits.drop(connection, "fee", mark=kept.mark)
        (now,) = await edits.all(connection)
        await edits.drop(connection, "fee", mark=now.mark)
        assert await edits.of(connection, "fee") is None


def test_a_form_is_told_every_mistake_by_its_field() -> None:
    with pytest.raises(ImportFailed) as failed:
        script_of({"id": "不行", "title": "", "stage": "before", "questions": [], "answers": {"default": "好"}})
    assert {each.column for each in failed.value.problems} == {"id", "questions"}

"""Does half a question get the answer of the whole one?"""

from __future__ import annotations

from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.packs import FEE, RETURN
from tests.stage import Options

pytestmark = ON_SQLITE


async def test_a_follow_up_is_not_answered_with_what_was_said_before(opened: OpenStage) -> None:
    stage = await opened(Options())
    assert (await stage.writes("xiaolin", "怎么退货"))[-1] == RETURN
    said = await stage.writes("xiaolin", "那运费呢")
    assert RETURN not in said
    assert FEE in said

"""Does health say how much is owed: who waits where, and how the promises stand?"""

from __future__ import annotations

from tests.databases import ON_SQLITE
from tests.stage import Stage

pytestmark = ON_SQLITE


async def test_queues_and_promises_are_counted(stage: Stage) -> None:
    await stage.writes("xiaolin", "转人工")
    health = await stage.health()
    assert health["queues"] == {"aftersale": 1, "presale": 0}
    assert health["sla"] == {"running": 0, "paused": 0, "warned": 0, "breached": 0}


async def test_metrics_count_when_they_are_asked_for(stage: Stage) -> None:
    await stage.writes("xiaolin", "转人工")
    async with stage.http.get(f"{stage.url}/metrics") as response:
        metrics = await response.text()
    assert 'xiaoer_queue_waiting{team="aftersale"} 1.0' in metrics
    assert 'xiaoer_sla_open{standing="breached"} 0.0' in metrics

"""Who is asked beside Rasa? The product's own understanding behind the same contract: POST /model/parse."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import uvloop
from aiohttp import web

from benchmarks.texts import PACK
from bot.bootstrap import utc_now
from bot.channels.text import for_understanding
from bot.cli.running import configure_logging, product
from bot.cli.serve import spare_start_up
from bot.cli.stage import clean_folder
from bot.domain import ChannelKind
from bot.insight import Question
from bot.settings import ContentSettings, DatabaseSettings, Settings

PATIENCE_S = 30.0


async def main() -> None:
    """Serve until stdin ends. {"folder"} comes in on the first line, the port goes out."""
    hello = json.loads(sys.stdin.readline())
    folder = Path(hello["folder"])
    clean_folder(folder)
    configure_logging()
    settings = Settings(
        database=DatabaseSettings(url=f"sqlite+aiosqlite:///{folder / 'xiaoer.db'}"),
        content=ContentSettings(pack=str(PACK)),
        data_dir=folder,
    )
    async with product(settings, ready=True) as built:
        await built.minds.refresh()

        async def parse(request: web.Request) -> web.Response:
            text = for_understanding((await request.json())["text"])
            asked = Question(text, text, ChannelKind.WECOM_KF, utc_now())
            insight = await built.minds.current().consider(
                asked, key=text, timeout_s=PATIENCE_S, clock=time.perf_counter
            )
            return web.json_response(_answer(text, insight.explanation))

        app = web.Application()
        app.router.add_post("/model/parse", parse)
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        spare_start_up()  # as `xiaoer serve` and `xiaoer work` do once they have started
        print(json.dumps({"port": int(runner.addresses[0][1])}), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        await runner.cleanup()


def _answer(text: str, told: Any) -> dict[str, object]:
    """In Rasa's shape, with mood and the scripts found."""
    ranking = [{"name": name, "confidence": confidence} for name, confidence in told["ranking"]]
    return {
        "text": text,
        "intent": ranking[0],
        "intent_ranking": ranking,
        "entities": told["entities"],
        "mood": told["mood"],
        "scripts": told["passages"],
        "stage": told["stage"],
    }


if __name__ == "__main__":
    uvloop.run(main())

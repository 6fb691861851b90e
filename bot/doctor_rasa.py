"""Where a Rasa server understands for us: does it answer, with which model, and else what is to be done?"""

from __future__ import annotations

import aiohttp
from yarl import URL

from bot.doctor_line import Line
from bot.rasa_client import RasaClient
from bot.settings import NluSettings
from nlu import RasaUnavailable

SERVED = "3.6"  # the version whose answers we read (its last; Rasa is in maintenance mode)
PATIENCE_S = 5.0  # a server that is loading its model answers late


async def check_rasa(session: aiohttp.ClientSession, settings: NluSettings) -> Line:
    """Is the server of `nlu.url` there, is a model loaded, and does it read a text within the time-out?"""
    where = URL(settings.url).with_query(None)  # a token in it is nobody's to read
    try:
        status = await RasaClient(session, settings.url, PATIENCE_S).status()
    except RasaUnavailable as error:
        return Line("rasa", False, f"{where}: {error.reason}", _ADVICE[error.reason])
    if not status.model:
        advice = "start it with one: rasa run --enable-api --model FILE (make rasa does), or PUT /model"
        return Line("rasa", False, f"{where}: Rasa {status.version} has no model", advice)
    if not status.version.startswith(f"{SERVED}."):
        advice = f"answers of Rasa {SERVED} are what we read; run that version"
        return Line("rasa", False, f"{where}: Rasa {status.version}", advice)
    try:
        await RasaClient(session, settings.url, settings.engine_timeout_s).parse("你好")
    except RasaUnavailable as error:
        advice = (
            f"it must read a text within {settings.engine_timeout_s:g} s; speed it up, or raise nlu.engine_timeout_s"
        )
        return Line("rasa", False, f"{where}: {error.reason} at /model/parse", advice)
    return Line("rasa", True, f"{where}: Rasa {status.version}, {status.model.rpartition('/')[2]}")


_ADVICE = {
    "no_connection": "start it (make rasa), correct nlu.url, or set nlu.engine to in-process",
    "time_out": "it takes half a minute to start; try again, else look into its log",
    "refused": "it refuses us: if it runs with --auth-token, write nlu.url as http://HOST:5005?token=…",
    "unreadable": "that is no Rasa server; correct nlu.url",
}

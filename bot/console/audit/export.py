"""How does the audit log leave the house? As CSV that spreadsheets open; taking it out is itself written down."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

from aiohttp import web

from bot.access import Action, Right
from bot.console.access import check_right
from bot.console.audit.filters import wanted_of
from bot.console.catalogue import text
from bot.console.console import CONSOLE
from bot.console.session import actor_of
from bot.console.sign_in.forms import form_of

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # OWASP, CSV injection
_COLUMNS: Final = ("number", "at", "who", "action", "object", "reason", "address", "previous", "hash")


async def export(request: web.Request) -> web.StreamResponse:
    """The filtered rows with their hashes, newest first; UTF-8 with a mark, as Excel wants it."""
    await check_right(request, Right.AUDIT_READ)
    console, form = request.app[CONSOLE], await form_of(request)
    wanted = wanted_of(form, console.tz)
    await console.access.log.record(Action.DATA_EXPORTED, by=actor_of(request), on="audit_log")
    response = web.StreamResponse()
    response.content_type, response.charset = "text/csv", "utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    await response.prepare(request)
    await response.write("\ufeff".encode() + _line([text(f"audit_columns.{name}") for name in _COLUMNS]))
    async for record in console.access.log.each(wanted):
        cells = [str(getattr(record, name)) for name in _COLUMNS]
        cells[1] = record.at.astimezone(console.tz).isoformat(timespec="milliseconds")
        await response.write(_line(cells))
    await response.write_eof()
    return response


def _line(cells: Sequence[str]) -> bytes:
    """A row of CSV in which no cell is a formula."""
    written = io.StringIO()
    csv.writer(written).writerow(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)
    return written.getvalue().encode()

"""How do scripts come in from a file and go out to one? What would change is shown before anything does."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from aiohttp import web

from bot.access import Action, Right
from bot.console.access import viewer_of
from bot.console.catalogue import TEXTS, text
from bot.console.console import CONSOLE
from bot.console.page import render, uploaded
from bot.console.session import actor_of
from bot.studio.differences import differences
from knowledge_base import (
    SUFFIXES,
    Changes,
    ImportFailed,
    NotAllKept,
    Reading,
    Script,
    example_script,
    read_file,
    write_scripts,
)

MOST_DIFFERENCES: Final = 50  # scripts whose changes are shown line by line
MOST_MISTAKES: Final = 100
_ZIP, _BOM = b"PK\x03\x04", b"\xef\xbb\xbf"
_TYPES: Final = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".yaml": "application/yaml",
    ".json": "application/json",
}
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Mistake:
    """Where a file is wrong. row: 1-based; column: "" where it is the row."""

    row: int
    column: str
    words: str


async def import_page(request: web.Request) -> web.Response:
    """Where a file is chosen."""
    return await _page(request)


async def read_upload(request: web.Request) -> web.Response:
    """Read the file and show what it would change; nothing is changed."""
    upload = (await request.post()).get("file")
    if not isinstance(upload, web.FileField) or not upload.filename:
        return await _page(request, status=422, wrong=text("scripts_import.no_file"))
    data = await uploaded(upload)
    suffix = _suffix_of(upload.filename, data)
    if not suffix:
        return await _page(request, status=422, wrong=text("scripts_import.no_such_format"))
    return await _preview(request, data, suffix, upload.filename)


async def bring_in(request: web.Request) -> web.Response:
    """Bring in what was shown: as drafts, or as the file says by who may approve."""
    who, fields = await viewer_of(request), await request.post()
    in_force = fields.get("as") == "file"
    if in_force and not who.may(Right.SCRIPT_APPROVE):
        raise web.HTTPForbidden
    data = str(fields.get("scripts", "")).encode()
    try:
        reading = await asyncio.to_thread(_read, data, ".yaml")
    except ImportFailed as error:  # not what our page sent
        raise web.HTTPBadRequest from error
    changes = await request.app[CONSOLE].studio.scripts.bring_in(
        reading.scripts, by=actor_of(request), in_force=in_force
    )
    _log.info("console.scripts_imported", person=who.id, added=len(changes.added), changed=len(changes.changed))
    done = f"{len(changes.added)}.{len(changes.changed)}"
    return web.Response(status=303, headers={"Location": f"/console/scripts/import?done={done}"})


async def template(request: web.Request) -> web.Response:
    """The table to fill in, with one example."""
    suffix = f".{request.match_info['kind']}"
    return await asyncio.to_thread(lambda: _file(suffix, [example_script()], "template"))


async def export(request: web.Request) -> web.Response:
    """Every script that is not retired, or those of `state`."""
    scripts, _ = await request.app[CONSOLE].studio.scripts.everything()
    state = request.query.get("state", "")
    chosen = [each for each in scripts if each.state == state or (not state and each.state != "retired")]
    kind = request.match_info["kind"]
    await request.app[CONSOLE].access.log.record(Action.DATA_EXPORTED, by=actor_of(request), on=f"scripts:{kind}")
    try:
        return await asyncio.to_thread(_file, f".{kind}", chosen, "scripts")
    except NotAllKept as refused:
        first, count = refused.left_out[0], len(refused.left_out)
        wrong = text(
            "scripts_import.not_exported", script=first.script_id, field=first.field, why=first.said("zh"), count=count
        )
        return await _page(request, status=422, wrong=wrong)


def _file(suffix: str, scripts: Sequence[Script], name: str) -> web.Response:
    with tempfile.TemporaryDirectory(prefix="xiaoer-export-") as folder:
        path = Path(folder) / f"{name}{suffix}"
        write_scripts(path, scripts)
        data = path.read_bytes()
    headers = {"Content-Disposition": f'attachment; filename="{name}{suffix}"'}
    kind = _TYPES[f".{suffix.rpartition('.')[2]}"]
    return web.Response(body=data, content_type=kind, headers=headers)


def _suffix_of(name: str, data: bytes) -> str:
    """The format by what the file holds; its name decides only between texts. "": it is none of ours."""
    if data.startswith(_ZIP):
        return ".xlsx"
    if b"\0" in data[:4096]:  # no text
        return ""
    if data.removeprefix(_BOM).lstrip()[:1] in (b"{", b"[") and not name.lower().endswith((".yaml", ".yml")):
        return ".json"
    suffix = Path(name).suffix.lower()
    return suffix if suffix in SUFFIXES and suffix not in (".xlsx", ".json") else ""


def _read(data: bytes, suffix: str) -> Reading:
    with tempfile.TemporaryDirectory(prefix="xiaoer-import-") as folder:
        path = Path(folder) / f"file{suffix}"
        path.write_bytes(data)
        return read_file(path)


def _as_yaml(scripts: Sequence[Script]) -> str:
    with tempfile.TemporaryDirectory(prefix="xiaoer-import-") as folder:
        path = Path(folder) / "file.yaml"
        write_scripts(path, scripts)
        return path.read_text(encoding="utf-8")


async def _preview(request: web.Request, data: bytes, suffix: str, name: str) -> web.Response:
    try:
        reading = await asyncio.to_thread(_read, data, suffix)
    except ImportFailed as failed:
        mistakes = [Mistake(each.row, each.column, each.said("zh")) for each in failed.problems]
        return await _page(request, status=422, name=name, mistakes=mistakes[:MOST_MISTAKES], mistaken=len(mistakes))
    if not reading.scripts:
        return await _page(request, status=422, wrong=text("scripts_import.empty"))
    changes, known = await request.app[CONSOLE].studio.scripts.compare(reading.scripts)
    wanted = {each.id: each for each in reading.scripts}
    left = [Mistake(each.row, each.column, each.said("zh")) for each in reading.left_out]
    return await _page(
        request,
        name=name,
        changes=changes,
        wanted=wanted,
        changed=_changed(changes, known, wanted),
        left_out=left[:MOST_MISTAKES],
        scripts=await asyncio.to_thread(_as_yaml, reading.scripts),
    )


def _changed(
    changes: Changes, known: Mapping[str, Script], wanted: Mapping[str, Script]
) -> list[tuple[Script, object]]:
    return [(wanted[each], differences(known[each], wanted[each])) for each in changes.changed[:MOST_DIFFERENCES]]


async def _page(request: web.Request, *, status: int = 200, **context: object) -> web.Response:
    empty: dict[str, object] = {
        "wrong": "", "name": "", "mistakes": [], "mistaken": 0, "changes": None, "wanted": {}, "changed": [],
        "left_out": [], "scripts": "", "words": TEXTS, "done": _done(request.query.get("done", "")),
    }  # fmt: skip
    return render(request, await viewer_of(request), "scripts_import.html", status=status, **(empty | context))


def _done(given: str) -> str:
    added, _, changed = given.partition(".")
    if not (added.isdecimal() and changed.isdecimal()):
        return ""
    return text("scripts_import.done", added=int(added), changed=int(changed))

"""How is a file of rules changed? Written, tried with all it would do, and only then let hold; every version stays."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from aiohttp import web

from bot.access import Right
from bot.console.access import id_of, viewer_of
from bot.console.actions import form_of
from bot.console.catalogue import TEXTS, text
from bot.console.console import CONSOLE
from bot.console.names import Names
from bot.console.page import render
from bot.console.rules.trial_view import TrialView, trial_view
from bot.console.session import PATH, actor_of
from bot.content.problems import PackProblem
from bot.rulebook import EDITABLE, RuleFile


async def editor(request: web.Request) -> web.Response:
    """The file as it is; ?version= what an older one said, to be tried and applied again."""
    console, file = request.app[CONSOLE], await _file(request)
    shown = file.text
    if (version := id_of(request.query.get("version", ""))) is not None and version != file.version:
        found = await console.wall_side.rules.text_of(file.name, version)
        if found is None:
            raise web.HTTPNotFound
        shown = found
    return await _page(request, file, shown, restoring=version if shown != file.text else None)


async def try_out(request: web.Request) -> web.Response:
    """What would this text change? Mistakes by line, the difference, the dry run."""
    console, file = request.app[CONSOLE], await _file(request)
    form = await form_of(request)
    written = _text(form)
    if not written.strip():
        return await _page(request, file, written, status=422, error=text("rules_files.empty"))
    trial = await console.wall_side.rules.try_out(file.name, written)
    view = trial_view(trial, await Names.of(console))
    status = 422 if trial.problems else 200
    return await _page(request, file, written, status=status, trial=view, problems=trial.problems)


async def apply(request: web.Request) -> web.Response:
    """Let it hold, where it was tried just so and nobody was faster."""
    console, file = request.app[CONSOLE], await _file(request)
    form = await form_of(request)
    written, based_on = _text(form), id_of(form.get("based_on", ""))
    if form.get("tried") != mark(written) or based_on is None:
        return await _page(request, file, written, status=422, error=text("rules_files.untried"))
    applied = await console.wall_side.rules.apply(file.name, written, based_on=based_on, by=actor_of(request))
    if applied.conflict:
        return await _page(request, file, written, status=409, error=text("rules_files.conflict"))
    if applied.problems:
        return await _page(request, file, written, status=422, problems=applied.problems)
    return web.Response(status=303, headers={"Location": f"{PATH}/rules/files/{file.name}?applied={applied.version}"})


def mark(written: str) -> str:
    """Stands for a text that was tried."""
    return hashlib.sha256(written.encode()).hexdigest()


async def _file(request: web.Request) -> RuleFile:
    try:
        return await request.app[CONSOLE].wall_side.rules.file(request.match_info["name"])
    except KeyError as error:
        raise web.HTTPNotFound from error


def _text(form: Mapping[str, str]) -> str:
    """As files have it: forms send CR LF."""
    return form.get("text", "").replace("\r\n", "\n").replace("\0", "")


async def _page(
    request: web.Request,
    file: RuleFile,
    written: str,
    *,
    status: int = 200,
    trial: TrialView | None = None,
    problems: Sequence[PackProblem] = (),
    error: str = "",
    restoring: int | None = None,
) -> web.Response:
    console, who = request.app[CONSOLE], await viewer_of(request)
    names = await Names.of(console)
    context = {
        "file": file,
        "files": [(name, TEXTS["rules_files"][name]) for name in EDITABLE],
        "title": TEXTS["rules_files"][file.name],
        "written": written,
        "lines": max(20, min(40, written.count("\n") + 2)),
        "may_write": who.may(Right.RULE_WRITE),
        "trial": trial,
        "tried": mark(written) if trial is not None and not problems else "",
        "problems": [each for each in problems if each.file == file.name],
        "elsewhere": [each for each in problems if each.file != file.name],
        "error": error,
        "restoring": restoring,
        "applied": id_of(request.query.get("applied", "")),
        "versions": [(each.number, names.moment(each.at), names.agent(each.by)) for each in file.versions],
        "tab": file.name,
    }
    return render(request, who, "rules_file.html", status=status, **context)

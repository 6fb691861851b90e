"""The pages of scripts: found, written, previewed, approved, brought in and out."""

from __future__ import annotations

from typing import Final

from bot.access import Right
from bot.console.page import Page
from bot.console.scripts import files, sheet, shelf, versions

MOST_UPLOADED: Final = 4 * 1024 * 1024  # bytes; a script takes some 2 KB
_ID = r"{script:[A-Za-z0-9][A-Za-z0-9_.-]{0,56}}"
_ONE = f"/scripts/s/{_ID}"

PAGES: Final = (
    Page("GET", "/scripts", shelf.list_page, Right.SCRIPT_READ),
    Page("GET", "/scripts/new", sheet.new_page, Right.SCRIPT_WRITE),
    Page("POST", "/scripts/new", sheet.create, Right.SCRIPT_WRITE),
    Page("POST", "/scripts/preview", sheet.preview, Right.SCRIPT_WRITE),
    Page("GET", r"/scripts/picture/{name:.{1,200}}", sheet.picture, Right.SCRIPT_READ),
    Page("GET", "/scripts/import", files.import_page, Right.SCRIPT_WRITE),
    Page("POST", "/scripts/import", files.read_upload, Right.SCRIPT_WRITE, MOST_UPLOADED),
    Page("POST", "/scripts/import/apply", files.bring_in, Right.SCRIPT_WRITE, 2 * MOST_UPLOADED),
    Page("GET", r"/scripts/template.{kind:csv|xlsx}", files.template, Right.SCRIPT_WRITE),
    Page("GET", r"/scripts/export.{kind:csv|xlsx|yaml|json|kf\.json}", files.export, Right.SCRIPT_WRITE),
    Page("GET", _ONE, sheet.sheet_page, Right.SCRIPT_READ),
    Page("POST", _ONE, sheet.save, Right.SCRIPT_WRITE),
    Page("POST", f"{_ONE}/move", sheet.move, Right.SCRIPT_WRITE),
    Page("POST", f"{_ONE}/discard", sheet.discard, Right.SCRIPT_WRITE),
    Page("GET", f"{_ONE}/findings", sheet.findings, Right.SCRIPT_READ),
    Page("GET", f"{_ONE}/versions", versions.versions_page, Right.SCRIPT_READ),
    Page("POST", f"{_ONE}/restore", versions.restore, Right.SCRIPT_WRITE),
)

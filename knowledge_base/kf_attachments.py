"""How do attachments look in the knowledge base of 微信客服's own bot [W 95972]?

Its lists give names, no media ids: a picture's name stands where we keep its file.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from knowledge_base.attachments import (
    Attachment,
    Link,
    Menu,
    MiniProgram,
    Picture,
    Video,
    attachment_from_plain,
    is_file,
)
from knowledge_base.problems import Mistake, ScriptInvalid, Term, mistake


def keepable(attachment: Attachment) -> Attachment | None:
    """What of it comes back, None for nothing: a link's cover only as an address, a mini-program's never."""
    match attachment:
        case Picture() | Video():
            return attachment
        case Link(thumb=thumb):
            return replace(attachment, thumb="") if is_file(thumb) else attachment
        case MiniProgram():
            return replace(attachment, thumb="")
        case Menu():
            return None


def to_kf(attachment: Attachment) -> dict[str, Any] | None:
    """One entry of `attachments`, None for what has no place there."""
    match attachment:
        case Picture(source):
            return {"msgtype": "image", "image": {"name": source}}
        case Video(source):
            return {"msgtype": "video", "video": {"name": source}}
        case Link(title, description, url, thumb):
            link = {"title": title, "picurl": "" if is_file(thumb) else thumb, "desc": description, "url": url}
            return {"msgtype": "link", "link": {name: value for name, value in link.items() if value}}
        case MiniProgram(app_id, page, title):
            return {"msgtype": "miniprogram", "miniprogram": {"title": title, "appid": app_id, "pagepath": page}}
        case Menu():
            return None


def from_kf(entries: object) -> tuple[list[dict[str, Any]], list[Mistake]]:
    """The attachments as plain values, and for each that cannot be kept why."""
    kept: list[dict[str, Any]] = []
    lost: list[Mistake] = []
    for entry in entries if isinstance(entries, list) else []:
        plain = _plain(entry) if isinstance(entry, dict) else {}
        try:
            attachment_from_plain(plain)
        except ScriptInvalid as error:
            lost.append(mistake("attachment_left_out", part=Term(error.field), mistake=error.mistake))
        else:
            kept.append(plain)
    return kept, lost


def _plain(entry: dict[str, Any]) -> dict[str, Any]:
    kind = entry.get("msgtype")
    values = entry.get(kind) if isinstance(kind, str) else None
    given: dict[str, Any] = values if isinstance(values, dict) else {}
    match kind:
        case "image" | "video":
            return {"kind": "picture" if kind == "image" else kind, "source": given.get("name", "")}
        case "link":
            names = {"title": "title", "description": "desc", "url": "url", "thumb": "picurl"}
        case "miniprogram":
            names = {"title": "title", "app_id": "appid", "page": "pagepath"}
        case _:
            return {"kind": str(kind)}
    kind = "mini_program" if kind == "miniprogram" else kind
    return {"kind": kind, **{ours: given[theirs] for ours, theirs in names.items() if theirs in given}}

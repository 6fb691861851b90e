"""What may be sent beside the words of an answer, and when does the platform take it?

Limits: 微信客服 messages [W 94677], uploads [W 90253]; official accounts state no tighter ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any, Literal

from knowledge_base.checks import check_bytes, check_choice, check_id, text_of
from knowledge_base.problems import ScriptInvalid, Term, mistake, terms

LINK_TITLE_BYTES = 128
LINK_DESCRIPTION_BYTES = 512
URL_BYTES = 2048
MINI_PROGRAM_TITLE_BYTES = 64
MENU_HEAD_BYTES = 1024
MENU_SCRIPTS = 10
PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png")
VIDEO_SUFFIXES = (".mp4",)
MAX_FILE_BYTES = 10 * 1024 * 1024  # pictures and videos alike [W 90253]
MAX_ATTACHMENTS = 4  # with the text five messages, as many as one customer message allows [W 94677]

_URL = re.compile(r"https?://[!-~]+")
_APP_ID = re.compile(r"wx[0-9a-z]{16}")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture. source: https address, or a file's path within the content pack (JPEG or PNG)."""

    source: str
    kind: Literal["picture"] = "picture"

    def __post_init__(self) -> None:
        _check_source("source", self.source, PICTURE_SUFFIXES)


@dataclass(frozen=True, slots=True)
class Video:
    """A video. source: https address, or a file's path within the content pack (MP4)."""

    source: str
    kind: Literal["video"] = "video"

    def __post_init__(self) -> None:
        _check_source("source", self.source, VIDEO_SUFFIXES)


@dataclass(frozen=True, slots=True)
class Link:
    """A card that opens a page. thumb: its picture, as `Picture.source`; 微信客服 demands one."""

    title: str
    description: str
    url: str
    thumb: str = ""
    kind: Literal["link"] = "link"

    def __post_init__(self) -> None:
        check_bytes("title", self.title, LINK_TITLE_BYTES)
        if self.description:
            check_bytes("description", self.description, LINK_DESCRIPTION_BYTES)
        _check_url("url", self.url)
        if self.thumb:
            _check_source("thumb", self.thumb, PICTURE_SUFFIXES)


@dataclass(frozen=True, slots=True)
class MiniProgram:
    """A card that opens a mini-program. page: its path. thumb: its picture, as `Picture.source`; both platforms ask."""

    app_id: str
    page: str
    title: str
    thumb: str = ""
    kind: Literal["mini_program"] = "mini_program"

    def __post_init__(self) -> None:
        if not _APP_ID.fullmatch(self.app_id):
            raise ScriptInvalid("app_id", mistake("no_app_id", value=self.app_id[:40]))
        check_bytes("page", self.page, URL_BYTES)
        check_bytes("title", self.title, MINI_PROGRAM_TITLE_BYTES)
        if self.thumb:
            _check_source("thumb", self.thumb, PICTURE_SUFFIXES)


@dataclass(frozen=True, slots=True)
class Menu:
    """A choice of other scripts, shown by their titles. scripts: their ids. head: the words above the choices."""

    scripts: tuple[str, ...]
    head: str = ""
    kind: Literal["menu"] = "menu"

    def __post_init__(self) -> None:
        if not 1 <= len(self.scripts) <= MENU_SCRIPTS or len(set(self.scripts)) != len(self.scripts):
            raise ScriptInvalid("scripts", mistake("no_menu", most=MENU_SCRIPTS))
        for each in self.scripts:
            check_id(each, "scripts")
        if self.head:
            check_bytes("head", self.head, MENU_HEAD_BYTES)


Attachment = Picture | Video | Link | MiniProgram | Menu

_KINDS: dict[str, type[Attachment]] = {
    "picture": Picture,
    "video": Video,
    "link": Link,
    "mini_program": MiniProgram,
    "menu": Menu,
}


def sources(attachment: Attachment) -> tuple[str, ...]:
    """The addresses and files it needs before it can be sent."""
    match attachment:
        case Picture(source) | Video(source):
            return (source,)
        case Link(thumb=thumb) | MiniProgram(thumb=thumb):
            return (thumb,) if thumb else ()
        case Menu():
            return ()


def is_file(source: str) -> bool:
    """Whether it is a file of the content pack, not an address."""
    return not _URL.match(source)


def attachment_to_plain(attachment: Attachment) -> dict[str, Any]:
    """As JSON values: its kind and its fields, without what is empty."""
    values = {"kind": attachment.kind, **asdict(attachment)}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items() if value}


def attachment_from_plain(plain: Mapping[str, Any]) -> Attachment:
    """The attachment of such values.

    Raises:
        ScriptInvalid: a field is missing, unknown or wrong.
    """
    kind = str(plain.get("kind", ""))
    check_choice("kind", kind, tuple(_KINDS))
    made = _KINDS[kind]
    known = made.__dataclass_fields__
    if unknown := sorted(plain.keys() - known.keys()):
        raise ScriptInvalid(unknown[0][:40], mistake("no_part", kind=Term(kind), known=terms(*known)))
    values: dict[str, Any] = dict.fromkeys((name for name in known if name != "kind"), "") | dict(plain)
    for name, value in values.items():
        values[name] = _names(value) if name == "scripts" else text_of(name, value)
    return made(**values)


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ScriptInvalid("scripts", mistake("no_ids"))
    return tuple(text_of("scripts", each) for each in value)


def _check_url(name: str, value: str) -> None:
    check_bytes(name, value, URL_BYTES)
    if not _URL.fullmatch(value):
        raise ScriptInvalid(name, mistake("no_address", value=value[:40]))


def _check_source(name: str, value: str, suffixes: tuple[str, ...]) -> None:
    check_bytes(name, value, URL_BYTES)
    if not is_file(value):
        _check_url(name, value)
        return
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts or "\\" in value or ":" in value:
        raise ScriptInvalid(name, mistake("no_source", value=value[:40]))
    if path.suffix.lower() not in suffixes:
        raise ScriptInvalid(name, mistake("no_file_kind", value=value[:40], suffixes=suffixes))

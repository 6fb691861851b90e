"""How is content cut to what a platform takes, and what can never fit? Sizes are in UTF-8 bytes."""

from __future__ import annotations

from dataclasses import replace

from bot.channels.base import Upload
from bot.channels.text import (
    MENU_CHOICE_BYTES,
    MENU_CHOICES,
    MENU_HEAD_BYTES,
    MENU_ID_BYTES,
    TEXT_BYTES,
    clip,
    size,
    split_text,
)
from bot.domain import (
    Choice,
    Content,
    LinkContent,
    MediaContent,
    MenuContent,
    MiniProgramContent,
    TextContent,
)


def fit_text(content: TextContent) -> tuple[Content, ...]:
    """As many texts as it takes; none for blank text."""
    return tuple(TextContent(piece) for piece in split_text(content.text, TEXT_BYTES))


def fit_menu(menu: MenuContent) -> tuple[Content, ...]:
    """A menu within the limits, before it the part of its head that it cannot hold.

    More than ten choices make several menus; long labels are cut with an ellipsis; a menu without
    choices is text. Ids are kept, whatever their length: they are a protocol, not words.
    """
    if not menu.choices:
        return fit_text(TextContent("\n".join(part for part in (menu.head, menu.tail) if part)))
    *before, head = _head_pieces(menu.head)
    choices = [Choice(choice.id, clip(choice.label, MENU_CHOICE_BYTES)) for choice in menu.choices]
    groups = [tuple(choices[start : start + MENU_CHOICES]) for start in range(0, len(choices), MENU_CHOICES)]
    menus = [MenuContent("", group) for group in groups]
    menus[0] = replace(menus[0], head=head)
    menus[-1] = replace(menus[-1], tail=clip(menu.tail, MENU_HEAD_BYTES))
    return (*(TextContent(piece) for piece in before), *menus)


def _head_pieces(head: str) -> tuple[str, ...]:
    """Texts to send first, then what stays as the head ("" if the head is blank)."""
    pieces = split_text(head, TEXT_BYTES) or ("",)
    return (*pieces[:-1], *(split_text(pieces[-1], MENU_HEAD_BYTES) or ("",)))


def to_upload(content: Content) -> Upload | None:
    """The file whose media_id a message lacks, None where it lacks none."""
    match content:
        case MediaContent("image" | "video" | "file" as kind, media_id="", source=source) if source:
            return Upload(kind, source)
        case LinkContent(thumb_media_id="", source=source) | MiniProgramContent(thumb_media_id="", source=source):
            return Upload("image", source) if source else None
        case _:
            return None


def with_media_id(content: Content, media_id: str) -> Content:
    """The message with what was uploaded for it."""
    match content:
        case MediaContent():
            return replace(content, media_id=media_id)
        case LinkContent() | MiniProgramContent():
            return replace(content, thumb_media_id=media_id)
        case _:
            return content


def check_text(text: str) -> None:
    """Raises ValueError for a text that is blank or too long to be one message."""
    if not text.strip():
        raise ValueError("a blank text cannot be sent")
    check_size("text", text, TEXT_BYTES)


def check_menu(menu: MenuContent) -> None:
    """Raises ValueError for a menu the platforms would refuse (95008, 45098)."""
    if not 1 <= len(menu.choices) <= MENU_CHOICES:
        raise ValueError(f"a menu has 1 to {MENU_CHOICES} choices, not {len(menu.choices)}")
    check_size("menu head", menu.head, MENU_HEAD_BYTES)
    check_size("menu tail", menu.tail, MENU_HEAD_BYTES)
    for choice in menu.choices:
        check_size("menu choice id", choice.id, MENU_ID_BYTES)
        check_size("menu choice", choice.label, MENU_CHOICE_BYTES)


def check_size(what: str, value: str, limit_bytes: int) -> None:
    """Raises ValueError where `value` has more bytes than the platform takes."""
    if size(value) > limit_bytes:
        raise ValueError(f"{what} has {size(value)} bytes, the platform takes {limit_bytes}; split it first")


def check_present(what: str, value: str) -> None:
    """Raises ValueError where the platform requires a value and there is none."""
    if not value:
        raise ValueError(f"{what} is required")

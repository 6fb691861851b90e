"""What goes out beside the words of an answer, and what cannot? The attachments of scripts as messages. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.decide import CHOICE_PREFIX
from bot.domain import (
    Choice,
    Content,
    LinkContent,
    MediaContent,
    MenuContent,
    MiniProgramContent,
    TextContent,
)
from knowledge_base import Attachment, Link, Menu, MiniProgram, Picture, Video

NO_ROOM, WORDS_ONLY = "send_budget", "passive_answer"  # why something is left out


@dataclass(frozen=True, slots=True)
class Beside:
    """What leaves, in order. left_out: kind of what does not, and why. choices: of the last menu among them."""

    contents: tuple[Content, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What she may pick by number or by words, too."""
        menus = [each.choices for each in self.contents if isinstance(each, MenuContent)]
        return menus[-1] if menus else ()

    def explain(self) -> dict[str, object]:
        """For the trace of the turn; nothing where nothing was attached."""
        if not (self.contents or self.left_out):
            return {}
        left = [{"kind": kind, "why": why} for kind, why in self.left_out]
        return {"attachments": {"sent": [name_of(each) for each in self.contents], "left_out": left}}


def contents_of(
    attachments: Sequence[Attachment], *, title_of: Callable[[str], str], menu_head: str
) -> tuple[Content, ...]:
    """The attachments as messages, files not yet uploaded.

    title_of: the title of a script that may be said to this customer now, "" of any other: it is not offered.
    """
    return tuple(_contents(attachments, title_of, menu_head))


def within(contents: Sequence[Content], *, room: int, words_only: bool) -> Beside:
    """What of it fits: no more than `room` messages, from the first on.

    words_only: a response to a callback carries it, with the answer in one message (wechat-platform §1.3): links
    become words there, and pictures and cards stay behind.
    """
    able = [_in_words(each) for each in contents] if words_only else list(contents)
    left = [(name_of(each), WORDS_ONLY) for each, can in zip(contents, able, strict=True) if can is None]
    can_leave = [each for each in able if each is not None]
    fits = len(can_leave) if words_only else max(room, 0)
    left += [(name_of(each), NO_ROOM) for each in can_leave[fits:]]
    return Beside(tuple(can_leave[:fits]), tuple(left))


def name_of(content: Content) -> str:
    """What it is, for the trace."""
    return content.media if isinstance(content, MediaContent) else content.kind


def _contents(attachments: Sequence[Attachment], title_of: Callable[[str], str], head: str) -> Iterator[Content]:
    for each in attachments:
        match each:
            case Picture(source):
                yield MediaContent("image", "", source)
            case Video(source):
                yield MediaContent("video", "", source)
            case Link(title, description, url, thumb):
                yield LinkContent(title, description, url, source=thumb)
            case MiniProgram(app_id, page, title, thumb):
                yield MiniProgramContent(title, app_id, page, "", thumb)
            case Menu(scripts, own_head):  # pragma: no branch - mypy proves the union exhausted
                titles = [(script, title_of(script)) for script in scripts]
                choices = tuple(Choice(CHOICE_PREFIX + script, title) for script, title in titles if title)
                if choices:
                    yield MenuContent(own_head or head, choices)


def _in_words(content: Content) -> Content | None:
    match content:
        case TextContent() | MenuContent():
            return content
        case LinkContent(title, _, url):
            return TextContent(f"{title}\n{url}")
        case MediaContent() | MiniProgramContent():  # pragma: no branch - mypy proves the union exhausted
            return None

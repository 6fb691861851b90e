"""Which attachments leave with an answer, in which form, and which stay behind for which reason?"""

from __future__ import annotations

import pytest

from bot.beside import contents_of, within
from bot.domain import Choice, Content, LinkContent, MediaContent, MenuContent, MiniProgramContent, TextContent
from knowledge_base import Attachment, Link, Menu, MiniProgram, Picture, Video

PICTURE = MediaContent("image", "", "pictures/a.png")
LINK = LinkContent("标题", "说明", "https://shop.example/", source="pictures/b.png")
PROGRAM = MiniProgramContent("订单", "wx0123456789abcdef", "pages/order", "", "pictures/c.png")
MENU = MenuContent("还想了解", (Choice("script:a", "甲"),))


@pytest.mark.parametrize(
    ("attachment", "content"),
    [
        (Picture("pictures/a.png"), PICTURE),
        (Video("films/a.mp4"), MediaContent("video", "", "films/a.mp4")),
        (Link("标题", "说明", "https://shop.example/", "pictures/b.png"), LINK),
        (MiniProgram("wx0123456789abcdef", "pages/order", "订单", "pictures/c.png"), PROGRAM),
        (Menu(("a", "gone"), "还想了解"), MENU),
        (Menu(("a",)), MenuContent("更多", MENU.choices)),
        (Menu(("gone",)), None),
    ],
)
def test_an_attachment_becomes_a_message(attachment: Attachment, content: Content | None) -> None:
    made = contents_of([attachment], title_of={"a": "甲"}.get, menu_head="更多")  # type: ignore[arg-type] # None is no title either
    assert made == (() if content is None else (content,))


@pytest.mark.parametrize(("room", "sent"), [(9, 3), (3, 3), (2, 2), (0, 0), (-1, 0)])
def test_what_does_not_fit_is_dropped_from_the_end(room: int, sent: int) -> None:
    beside = within([PICTURE, LINK, MENU], room=room, words_only=False)
    assert beside.contents == (PICTURE, LINK, MENU)[:sent]
    assert beside.left_out == tuple((name, "send_budget") for name in ("image", "link", "menu")[sent:])
    assert beside.choices == (MENU.choices if sent == 3 else ())


def test_a_response_to_a_callback_carries_words_however_many_may_be_sent() -> None:
    beside = within([PICTURE, LINK, PROGRAM, MENU], room=0, words_only=True)
    assert beside.contents == (TextContent("标题\nhttps://shop.example/"), MENU)
    assert beside.explain() == {
        "attachments": {
            "sent": ["text", "menu"],
            "left_out": [
                {"kind": "image", "why": "passive_answer"},
                {"kind": "mini_program", "why": "passive_answer"},
            ],
        }
    }


def test_where_nothing_is_attached_nothing_is_told() -> None:
    assert within([], room=4, words_only=False).explain() == {}

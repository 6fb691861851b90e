"""Is an attachment that no platform would take refused, with the field?"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from knowledge_base import Attachment, Link, Menu, MiniProgram, Picture, ScriptInvalid, Video
from knowledge_base.attachments import attachment_from_plain, attachment_to_plain, sources

APP = "wx0123456789abcdef"
URL = "https://example.com"


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Picture("a.bmp"), "source"),
        (lambda: Picture("../secret.png"), "source"),
        (lambda: Picture("/etc/a.png"), "source"),
        (lambda: Picture("C:\\a.png"), "source"),
        (lambda: Picture("https://example.com/图.png"), "source"),
        (lambda: Video("a.avi"), "source"),
        (lambda: Link("长" * 43, "", URL), "title"),
        (lambda: Link("题", "长" * 171, URL), "description"),
        (lambda: Link("题", "", "example.com"), "url"),
        (lambda: Link("题", "", "https://example.com/" + "a" * 2048), "url"),
        (lambda: Link("题", "", URL, "a.txt"), "thumb"),
        (lambda: MiniProgram("gh_123", "a", "题"), "app_id"),
        (lambda: MiniProgram(APP, "", "题"), "page"),
        (lambda: MiniProgram(APP, "a", "长" * 22), "title"),
        (lambda: Menu(()), "scripts"),
        (lambda: Menu(("a", "a")), "scripts"),
        (lambda: Menu(tuple(f"s{number}" for number in range(11))), "scripts"),
        (lambda: Menu(("a b",)), "scripts"),
        (lambda: Menu(("a",), "长" * 342), "head"),
        (lambda: attachment_from_plain({"kind": "music"}), "kind"),
        (lambda: attachment_from_plain({"kind": "picture", "colour": "red"}), "colour"),
        (lambda: attachment_from_plain({"kind": "picture", "source": 3}), "source"),
        (lambda: attachment_from_plain({"kind": "menu", "scripts": "a"}), "scripts"),
    ],
)
def test_what_cannot_be_sent_names_the_field(make: Callable[[], Attachment], field: str) -> None:
    with pytest.raises(ScriptInvalid) as caught:
        make()
    assert caught.value.field == field
    assert caught.value.mistake.said("en")


@pytest.mark.parametrize(
    "attachment",
    [
        Picture("图/a.PNG"),
        Video("https://example.com/a"),
        Link("长" * 42, "长" * 170, URL, "a.jpg"),
        MiniProgram(APP, "pages/a?b=c", "长" * 21, "a.jpg"),
        Menu(("a", "b"), "您想问哪一个"),
    ],
)
def test_the_limits_themselves_are_allowed_and_plain_values_give_it_back(attachment: Attachment) -> None:
    assert attachment_from_plain(attachment_to_plain(attachment)) == attachment


def test_what_has_to_be_there_before_it_is_sent() -> None:
    assert sources(Picture("a.png")) == sources(Link("题", "", URL, "a.png")) == ("a.png",)
    assert sources(Link("题", "", URL)) == sources(Menu(("a",))) == ()

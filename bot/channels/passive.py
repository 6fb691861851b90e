"""How does an answer look inside the response to a callback (wechat-platform §1.2, §1.3)?"""

from __future__ import annotations

import json
import re
from datetime import datetime

from bot.channels.base import ReplySlot
from bot.channels.documents import Form
from bot.channels.fitting import check_text
from bot.domain import Content, LinkContent, MediaContent, MenuContent, MiniProgramContent, TextContent

_ILLEGAL_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def passive_fields(slot: ReplySlot, content: Content, now: datetime) -> dict[str, object]:
    """The fields of a passive answer. Raises ValueError for what a passive answer cannot carry."""
    addressed: dict[str, object] = {
        "ToUserName": slot.receiver,
        "FromUserName": slot.sender,
        "CreateTime": int(now.timestamp()),
    }
    return addressed | _content_fields(content)


def render_fields(form: Form, fields: dict[str, object]) -> str:
    """XML under `<xml>` with text in CDATA and numbers bare, or JSON."""
    if form == "json":
        return json.dumps(fields, ensure_ascii=False)
    return f"<xml>{_render_children(fields)}</xml>"


def numbered(menu: MenuContent) -> str:
    """A menu as text, for where no clickable one can be sent: choices are numbered from 1."""
    choices = [f"{number}. {choice.label}" for number, choice in enumerate(menu.choices, start=1)]
    return "\n".join(line for line in (menu.head, *choices, menu.tail) if line)


def picture_url(link: LinkContent) -> str:
    """The address of an article's picture, "" where it is a file of the pack: the platform takes only an address."""
    return link.source if link.source.startswith("https://") else ""


def _content_fields(content: Content) -> dict[str, object]:
    match content:
        case TextContent(text):
            check_text(text)
            return {"MsgType": "text", "Content": text}
        case MenuContent():
            return _content_fields(TextContent(numbered(content)))
        case MediaContent("image" | "voice" | "video" as media, media_id):
            return {"MsgType": media, media.capitalize(): {"MediaId": media_id}}
        case LinkContent():
            article = {"Title": content.title, "Description": content.description, "PicUrl": picture_url(content)}
            article["Url"] = content.url
            return {"MsgType": "news", "ArticleCount": 1, "Articles": [article]}
        case MediaContent() | MiniProgramContent():  # pragma: no branch - mypy proves the union exhausted
            raise ValueError(f"a passive answer cannot carry this {content.kind}; send it by the customer-service API")


def _render_children(fields: dict[str, object]) -> str:
    return "".join(f"<{name}>{_render_value(value)}</{name}>" for name, value in fields.items())


def _render_value(value: object) -> str:
    # Why not wechatpy's replies: they put text into CDATA as it is, so "]]>" in an answer breaks out
    # and the customer is told that the account is out of order.
    match value:
        case dict():
            return _render_children(value)
        case list():
            return "".join(f"<item>{_render_value(item)}</item>" for item in value)
        case int():
            return str(value)
        case _:
            text = _ILLEGAL_IN_XML.sub("", str(value)).replace("]]>", "]]]]><![CDATA[>")
            return f"<![CDATA[{text}]]>"

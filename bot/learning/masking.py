"""How does a customer's question look when nothing in it tells who she is?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.learning.words import WORDS
from nlu import Entity, find_entities

# What the entities do not know: mail, links, names and accounts after a word that announces them, long numbers.
_MORE = (
    ("mail", re.compile(r"(?P<value>[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4})", re.ASCII)),
    ("link", re.compile(r"(?P<value>(?:https?://|www\.)[^\s，。；！？、）)]{1,2048})", re.IGNORECASE)),
    (
        "name",
        re.compile(
            r"(?:(?:收货人|收件人|联系人|姓名|名字)\s{0,3}(?:[:：]|是|叫|改成|改为|换成)|我叫)\s{0,3}(?P<value>[一-龥·]{2,4})"
        ),
    ),
    (
        "account",
        re.compile(r"(?:微信|vx|wx|qq|v信)号?\s{0,3}[:：是]?\s{0,3}(?P<value>[A-Za-z0-9_-]{5,20})", re.IGNORECASE),
    ),
    (
        "number",
        re.compile(
            r"(?<![A-Za-z0-9_-])(?P<value>[0-9](?:[ -]?[0-9]){9,30}[Xx]?|[0-9]{6,9}"
            r"|(?=[A-Za-z_-]{0,20}[0-9])(?=[0-9_-]{0,20}[A-Za-z])[A-Za-z0-9_-]{8,64})"
        ),
    ),
)

_NAMES: dict[str, str] = WORDS["masks"]


def mask(text: str) -> str:
    """`text` with telephone, order and parcel numbers, street addresses, names, accounts, mail, links and long numbers
    replaced by what they are, as 〔电话〕. Where somebody lives is kept up to the district: "新疆包邮吗" asks by it.
    """  # noqa: D205 - one sentence
    masked = text
    for each in reversed(find_entities(text)):
        if each.type in _NAMES and _tells(each):
            masked = f"{masked[: each.start]}{_NAMES[each.type]}{masked[each.end :]}"
    for kind, pattern in _MORE:
        masked = "".join(_without(masked, pattern, _NAMES[kind]))
    return masked


def _tells(entity: Entity) -> bool:
    """An address is somebody's from the street on; its value is province/city/district/street."""
    return entity.type != "address" or bool(entity.value.split("/", 3)[-1])


def _without(text: str, pattern: re.Pattern[str], name: str) -> Iterator[str]:
    end = 0
    for match in pattern.finditer(text):
        yield text[end : match.start("value")]
        yield name
        end = match.end("value")
    yield text[end:]

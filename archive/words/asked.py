"""What does a customer's message ask, without greetings, thanks and what platforms write in her name?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import dropwhile

from archive.words.catalogue import catalogue
from archive.words.goods import Goods
from archive.words.normalising import normalise
from archive.words.tokens import GOODS_TAG, LATIN_TAG, MARK_TAG, MASKS, NUMBER_TAG, Token, tokenise

READ = 500  # characters of a message; who tells more tells a story
KEPT = 80  # characters of what it asks that are compared
MIN_CHARACTERS = 3
_PAUSE = re.compile(r"[\s，。！？；、,.!?;~…：:（）()【】《》“”\"'\[\]=/\\]+")
_LABELLED = re.compile(rf"(?:[^\W\d_]{{1,8}}\s{{0,3}}[:：]\s{{0,3}}[￥¥]?)?(?:{MASKS})")  # "订单号：〔订单号〕"
_VERBS = frozenset(["v", "vn", "n"])


@dataclass(frozen=True, slots=True)
class Asked:
    """text: the clauses that say something, spaces between. words: what they say, stop words left out."""

    text: str
    words: tuple[str, ...]


def asked(message: str, goods: Goods) -> Asked | None:
    """Read a message; None where it asks nothing that could be a topic: 好的, 谢谢, 在吗, a number, a card."""
    plain = normalise(message[:READ])
    for _ in range(2):  # a form stands in brackets of its own: [订单编号:[订单x]]
        plain = _LABELLED.sub(" ", plain)
    plain = catalogue().scaffolds.sub(" ", plain)
    clauses: list[str] = []
    words: list[str] = []
    for clause in _PAUSE.split(plain):
        tokens = _without_manners(tokenise(clause, goods))
        said = _words(clause, tokens)
        if any(len(word) > 1 for word in said):
            heart = clause[tokens[0].start :]
            if heart not in clauses:
                clauses.append(heart)
                words += said
    text = " ".join(clauses)[:KEPT]
    if len(text) < MIN_CHARACTERS or text.isascii():
        return None
    return Asked(text, tuple(words))


def _without_manners(tokens: list[Token]) -> list[Token]:
    fillers = catalogue().fillers
    return list(dropwhile(lambda token: token.text in fillers, tokens))


def _words(clause: str, tokens: Sequence[Token]) -> list[str]:
    lists = catalogue()
    said = [
        token.text.lower()
        for token in tokens
        if not token.breaks
        and token.tag not in (NUMBER_TAG, MARK_TAG)
        and token.text not in lists.hollow
        and (len(token.text) > 1 or token.tag in _VERBS or token.tag in (GOODS_TAG, LATIN_TAG))
    ]
    return said + lists.asking.findall(clause)

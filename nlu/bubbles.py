"""Is the customer still typing? Some send three short messages for one thought."""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST_JOINED = 500  # characters

_GREETING = re.compile(
    r"^(?:你好[啊呀哦]?|您好[啊呀哦]?|亲+|在[吗么不嘛]?|在不在|有人吗|哈[喽罗]|嗨|hi|hello|老板|客服)[~。！!？?，, ]*$",
    re.IGNORECASE,
)
_OPENER = re.compile(
    r"(?:请问(?:一下|下)?|(?:想|要)(?:请)?(?:问|咨询|了解)(?:一下|下|个问题|个事)?|问(?:一下|下|个问题)|"
    r"打扰(?:一下|了)|是这样的?|跟你说)[~。，,： :]*$"
)
_HANGING = re.compile(
    r"(?:[，,、：:；;]|…|\.{2,}|然后|还有|但是?|可是|因为|而且|所以|如果|就是|或者|以及|并且|我的|你们的|这个|那个|和|跟|把|给|在|是|的时候|之前|之后)$"
)
_ASKED = re.compile(
    r"(?:[?？]|吗|嘛|呢|吧|么|怎么办|多少钱?|多久|什么时候|几天|为什么|咋整|是不是|行不行|能不能|可不可以)[~。！!]*$"
)
_CLOSED = re.compile(
    r"^(?:好的?.{0,3}|嗯+|哦+|行|可以|ok|谢谢.{0,4}|多谢.{0,2}|收到|知道了?|明白了?|没有?了|没事了?|不用了?.{0,3}|再见|拜拜|是的?|对的?|不是|没有)[~。！!]*$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^[A-Za-z]{0,4}[0-9][0-9 -]{5,30}[。.]?$")
_REQUEST = re.compile(
    r"^(?:亲[，, ]?)?(?:我?(?:要|想|想要|需要)(?:退|换|取消|投诉|开|改|查|催|找)|"
    r"帮我|麻烦|请|给我|转人工|人工|投诉|催|退货|退款|换货).{0,20}$"
)
_PREDICATE = re.compile(
    r"[能会要想可]|不|没|了$|过$|是|有|退|换|发货|买|拍|下单|付|取消|查|开|改|收|到|用|坏|破|漏|错|帮|催|给我|转|怎么|什么|哪|几|多"
)
_ENDED = re.compile(r"[。！!~]$|了$")
_SHORT = 6
# what each shape is worth: measured on real service conversations, set by hand
_GREETS, _OPENS, _HANGS, _FRAGMENT, _STATES, _ENDS, _ASKS, _DONE = 0.55, 0.9, 0.85, 0.6, 0.45, 0.3, 0.15, 0.05
_COMPLETE = 0.2  # below it there is nothing to wait for
_PATIENCE = 0.7  # each further bubble shortens the wait


def looks_unfinished(text: str) -> float:
    """How likely another bubble of the same thought follows, 0 to 1; judged by the words alone."""
    plain = text.strip()
    if not plain:
        return _FRAGMENT
    for pattern, value in (
        (_GREETING, _GREETS),
        (_CLOSED, _DONE),
        (_REQUEST, _ASKS),
        (_NUMBER, _DONE),
        (_OPENER, _OPENS),
        (_ASKED, _ASKS),
        (_HANGING, _HANGS),
    ):
        if pattern.search(plain[-60:]):
            return value
    if not _PREDICATE.search(plain) and len(plain) <= _SHORT:
        return _FRAGMENT
    return _ENDS if _ENDED.search(plain) else _STATES


def wait_ms(bubbles: Sequence[str], *, longest_ms: int) -> int:
    """How long to wait for another bubble, 0 to `longest_ms` milliseconds; 0 where the thought is complete.

    bubbles: those that were not answered yet, oldest first. The more there are, the less is waited.
    """
    if not bubbles:
        return 0
    unfinished = looks_unfinished(bubbles[-1])
    if unfinished < _COMPLETE:
        return 0
    return min(longest_ms, round(longest_ms * unfinished * _PATIENCE ** (len(bubbles) - 1)))


def join_bubbles(bubbles: Sequence[str]) -> str:
    """One text of several bubbles; a repeated bubble counts once, the last `LONGEST_JOINED` characters are kept."""
    joined = ""
    for bubble in dict.fromkeys(each.strip() for each in bubbles):
        if not bubble:
            continue
        glue = "" if not joined or joined[-1] in "，。？！,.?!：:；;、~" else "，"
        joined += glue + bubble
    return joined[-LONGEST_JOINED:]

"""Which questions does one message ask, and which of them lean on what was said before?"""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_PARTS = 4
REACH = 500  # characters; a longer message is a story, not a list of questions

_ASKS = re.compile(
    r"[?？]|吗|么(?:$|[，,。！!])|呢(?:$|[，,。！!])|什么(?!的)|怎么|怎样|咋|啥|多少|多久|多大|多长|多重|"
    r"(?<![好十过都])几(?:天(?!了|过)|[号点个时种款瓶片支次])|哪|谁|为何|([一-鿿])不\1|有没有|可不可以|可否|能否|是否|还是"
)
_BREAK = re.compile(r"[。！!；;\n]+|(?<=[?？])|[，,]|(?<=[一-鿿]) (?=[一-鿿])|(?<=[一-鿿]) +(?=[一-鿿])")
_NEXT_TOPIC = re.compile(r"(?<=[^，,。？?！!；; ])(?=(?:还有就是|还有|另外|然后|顺便问|再问一下|再问下|对了))")
# voice input writes no marks: a question that is complete, and another one that begins right behind it
_RUN_ON = re.compile(
    r"(?<=吗|呢)(?=[^，,。？?！!~ 吗呢啊呀哦亲]{3})|"
    r"(?<=多少钱)(?=(?:什么时候|能|可以|怎么|有没有|几天|多久|包邮|支持))|"
    r"(?<=发货)(?=(?:能|可以|多少钱|有没有|包邮吗|发什么))"
)
_OPENER = re.compile(
    r"^(?:你好[啊呀哦]?|您好[啊呀哦]?|亲+爱?的?|在[吗么不嘛]?|在不在|有人[吗在]*|哈[喽罗]|嗨|hi|hello|老板|客服|掌柜的?|小姐姐|"
    r"请问(?:一下|下)?|(?:我)?想?(?:请)?(?:问|咨询|了解)(?:一下|下|个问题|几个问题|个事)?|打扰(?:一下|了)|麻烦(?:问)?(?:一下|下|了)|"
    r"谢谢[你您啦了]?|多谢|辛苦了?|[早中下晚]午?上?好)$",
    re.IGNORECASE,
)
# these ask about the clause before them
_TAIL = re.compile(
    r"^(?:那|这|请问|该|又)?(?:怎么办|咋办|怎么回事|咋回事|咋整|怎么弄|为什么|为啥|什么情况|啥情况|什么意思|啥意思|怎么解决|怎么处理|"
    r"对[吗吧]|是[吗吧]|行[吗吧]|行不行|可以[吗么嘛]?|好[吗嘛]|好不好|能行吗|有吗|有没有|在吗|知道吗|能[吗不]|会吗|真的吗|还是.{1,8})[啊呀呢]?[?？]?$"
)
_SHORTEST = 3

_LEANS = re.compile(
    r"^(?:(?:那么?|然后|还有|另外|所以)[，, ]?.{1,8}|.{1,7}呢|"
    r"(?:为什么|为啥|多久|几天|要几天|要多久|多少钱?|怎么[弄办操作]{1,2}"
    r"|哪里|在哪里?|什么时候|啥时候|可以吗|行吗|真的吗|确定吗|是吗|有吗|能吗|会吗|贵吗|然后呢?|还有吗|有没有别的|别的呢))"
    r"[啊呀哦嘛]?[?？。！!~]*$"
)
_LEANING_START = re.compile(r"^(?:那么?|然后|还有|另外|所以)[，, ]?")
# what stands for itself although it begins like a follow-up
_COMPLETE = re.compile(
    r"我要|我想|帮我|转人工|人工|投诉|退货|退款|换货|发票|你们|订单|怎么还|在呢|好呢|^那(?:好|行|算)|干嘛呢|在吗|^(?:还有|然后)?人呢|"
    r"(?:什么时[候间]|啥时候|怎么|怎样|哪里?|哪儿).{4}"
)
_NO_GROUND = re.compile(
    r"^(?:谢谢.{0,3}|好的?.{0,2}|嗯+|哦+|行|可以|ok|在吗|你好|您好|收到|知道了|明白了?)[。！!~ ]*$", re.IGNORECASE
)


def split_questions(text: str) -> tuple[str, ...]:
    """The questions of a message in their order, at most `MOST_PARTS`; at least one part, with all of its meaning.

    A greeting is no part; a statement stays with the question behind it ("衣服破了，怎么退" is one), or with the one
    before where none follows. A part that leans on an earlier one can be read with `resolve`.
    """
    whole = text.strip()
    if not whole or len(whole) > REACH:
        return (whole,)
    parts: list[str] = []
    waiting: list[str] = []
    for piece in _pieces(whole):
        asks = bool(_ASKS.search(piece))
        if asks and parts and not waiting and _TAIL.match(piece):
            parts[-1] = _joined([parts[-1], piece])
        elif asks or _starts_topic(piece):
            parts.append(_joined([*waiting, piece]))
            waiting = []
        else:
            waiting.append(piece)
    if waiting and parts:
        parts[-1] = _joined([parts[-1], *waiting])
    if len(parts) <= 1:
        return (_joined(_pieces(whole)),) if parts else (whole,)
    return (*parts[: MOST_PARTS - 1], _joined(parts[MOST_PARTS - 1 :])) if len(parts) > MOST_PARTS else tuple(parts)


def is_follow_up(text: str) -> bool:
    """Whether the utterance means little without the one before it ("那要几天呢", "红色的呢", "为什么")."""
    plain = text.strip()
    if not _LEANS.match(plain) or _COMPLETE.search(plain):
        return False
    start = _LEANING_START.match(plain)
    return start is None or bool(_ASKS.search(plain)) or len(plain) - start.end() <= _SHORTEST


def resolve(text: str, recent: Sequence[str]) -> str:
    """Join a follow-up with the latest of `recent` (oldest first) that stands for itself; else the text as it is."""
    if not is_follow_up(text):
        return text
    ground = next(
        (each.strip() for each in reversed(recent) if each.strip() and not is_follow_up(each) and not _empty(each)), ""
    )
    return f"{ground[-REACH:].rstrip('，,。 ')}，{text.strip()}" if ground else text


def _pieces(text: str) -> list[str]:
    """Clauses without greetings; where a message is nothing but greetings, none."""
    pieces: list[str] = []
    for clause in _BREAK.split(text):
        for topic in _NEXT_TOPIC.split(clause or ""):
            pieces += [piece.strip() for piece in _RUN_ON.split(topic)]
    return [piece for piece in pieces if piece.strip("?？~ ") and not _OPENER.match(piece.strip("?？~ "))]


def _joined(pieces: Sequence[str]) -> str:
    """One text; a comma only where no mark stands."""
    return "".join(
        piece if index + 1 == len(pieces) or piece[-1] in "?？" else f"{piece}，" for index, piece in enumerate(pieces)
    )


def _starts_topic(piece: str) -> bool:
    return bool(re.match(r"(?:还有就是|另外|顺便)", piece)) and len(piece) > _SHORTEST * 2


def _empty(text: str) -> bool:
    return bool(_NO_GROUND.match(text.strip()))

"""What is said in a shop's service, a million times over? Sessions put together from our own words, by a seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from archive import Entry, Voice

GOODS = ("洗面奶", "保湿水", "精华", "面霜", "防晒乳", "气垫", "口红", "眼影盘", "面膜", "卸妆膏", "眉笔", "散粉")
PLACES = ("杭州", "成都", "沈阳", "厦门", "兰州", "南宁", "合肥", "佛山", "珠海", "太原")
OPENINGS = ("你好", "在吗", "您好，请问一下", "有人吗", "亲在不在")
QUESTIONS = (
    "{goods}什么时候发货，我{day}号要用",
    "买两支{goods}能便宜点吗？上次活动价{price}",
    "{goods}敏感肌可以用吗？我用别家的会泛红",
    "寄到{place}要几天？发什么快递",
    "订单{order}怎么还没动静，都{day}天了",
    "收到的{goods}盖子裂了，怎么处理",
    "想退{goods}，拆了封还能退吗",
    "{goods}有没有小样可以先试试",
    "发票抬头写错了，能重开吗？订单{order}",
    "{goods}和{goods2}一起用会不会搓泥",
    "再不解决我就投诉了，客服换了三个都没人管",
    "太慢了吧，隔壁店{price}块当天就发",
)
ANSWERS = (
    "您好，{goods}现货付款后 48 小时内发出，{place}大约 {day} 天能到。",
    "亲，我帮您查一下订单{order}，请稍等。",
    "抱歉给您添麻烦了，麻烦拍一张{goods}的照片，我给您登记补发。",
    "{goods}配方温和，建议先在耳后试用 24 小时，没有不适再上脸。",
    "满 {price} 元有赠品，下单前在购物车能看到。",
    "已经为您备注好了，还有什么可以帮您？",
)
REACTIONS = ("好的", "嗯嗯谢谢", "行吧", "那我再等等", "可以，辛苦了", "哦，知道了", "太好了，谢谢你", "算了不买了")
AGENTS = ("chenjing", "wanglei", "lina")
START = datetime.fromisoformat("2026-01-05T01:00:00+00:00")
LINES = (4, 18)  # of a session, from and to


def talk(messages: int, seed: int = 5) -> Iterator[Entry]:
    """So many messages, session after session, each of a customer who may come back; the same ones for a seed."""
    random = Random(seed)
    told, at = 0, START
    while told < messages:
        customer = f"c{random.randrange(max(messages // 30, 10))}"
        at += timedelta(seconds=random.randrange(1, 40))
        for entry in _session(random, at):
            yield Entry(source="bench", source_id=str(told), customer=customer, **entry)
            told += 1
            if told == messages:
                return


def _session(random: Random, at: datetime) -> Iterator[dict[str, Any]]:
    agent = random.choice(AGENTS)
    for place in range(random.randint(*LINES)):
        at += timedelta(seconds=random.expovariate(1 / 45))
        if place % 2:
            text, voice, who = _filled(random, random.choice(ANSWERS)), Voice.AGENT, agent
        else:
            text, voice, who = _customer(random, place), Voice.CUSTOMER, ""
        common = {"conversation_id": None, "account": "shop", "kind": "text"}
        yield common | {"voice": voice, "who": who, "at": at, "text": text}


def _customer(random: Random, place: int) -> str:
    if place == 0:
        return random.choice(OPENINGS)
    return _filled(random, random.choice(QUESTIONS)) if random.random() < 0.6 else random.choice(REACTIONS)


def _filled(random: Random, text: str) -> str:
    return text.format(
        goods=random.choice(GOODS),
        goods2=random.choice(GOODS),
        place=random.choice(PLACES),
        day=random.randrange(1, 28),
        price=random.randrange(39, 399),
        order=f"HY{random.randrange(10**11, 10**12)}",
    )

"""What do the customers of a made-up shop ask? Written for these tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from archive.words import Question

START = datetime(2026, 5, 1, 9, tzinfo=UTC)

ENGRAVING = (
    "口红可以刻字吗", "请问刻字要加钱吗", "刻字能刻几个字", "口红刻字几天能做好", "我想要刻字服务", "刻字刻错了怎么办",
    "刻字的口红能退吗", "刻字是免费的吗",
)  # fmt: skip
INVOICE = (
    "电子发票怎么开", "发票抬头写错了能改吗", "我要开公司发票", "发票什么时候能开出来", "能开增值税专用发票吗",
    "电子发票发到哪里", "发票没有收到", "发票抬头要改成公司",
)  # fmt: skip
LEAKING = (
    "精华漏液了",
    "收到的精华漏液",
    "瓶子漏液怎么处理",
    "漏液了能换新的吗",
    "又漏液了，太差劲了",
    "精华液漏液全洒了",
)
ALLERGY = ("用了面霜脸过敏", "过敏了能退吗", "面霜过敏怎么办", "过敏发红是正常的吗", "敏感肌会不会过敏")
COURTESIES = (
    "你好", "您好，在吗", "好的", "好的，谢谢", "谢谢亲", "嗯嗯", "没有了，谢谢", "知道了", "在吗？", "[微笑]",
    "〔订单号〕", "13812345678", "好的好的", "哦哦好吧", "是的", "可以的",
)  # fmt: skip


def ask(
    *texts: str,
    first: int,
    day: float = 0.0,
    mood: float | None = None,
    has_script: bool = False,
    wait_s: float | None = None,
) -> list[Question]:
    """One customer each, a minute apart, from `day` on; ids from `first` on."""
    return [
        Question(
            id=first + at,
            text=text,
            at=START + timedelta(days=day, minutes=at),
            mood=mood,
            answered=wait_s is not None,
            has_script=has_script,
            wait_s=wait_s,
            customer=f"c{first + at}",
        )
        for at, text in enumerate(texts)
    ]


def fortnight() -> list[Question]:
    """Week one: engraving, invoices. Week two: the same, and leaks, angry and unanswered by any script."""
    return [
        *ask(*COURTESIES, first=900),
        *ask(*INVOICE, first=100, has_script=True, wait_s=30),
        *ask(*ENGRAVING, first=200, day=1, wait_s=200),
        *ask(*COURTESIES, first=950, day=8),
        *ask(*INVOICE[:5], first=300, day=8, has_script=True, wait_s=40),
        *ask(*ENGRAVING[:6], first=400, day=9, mood=0.1, wait_s=240),
        *ask(*LEAKING, first=500, day=12, mood=-0.8),
        *ask(*ALLERGY, first=600, day=13, mood=-0.4, has_script=True, wait_s=60),
    ]

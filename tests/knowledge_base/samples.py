"""Which scripts do these tests speak of?"""

from __future__ import annotations

from datetime import date

from knowledge_base import Script


def script(name: str, *questions: str, **values: object) -> Script:
    given = {
        "title": questions[0],
        "category": ("测试",),
        "stage": "before",
        "answers": {"default": f"回答{name}"},
        **values,
    }
    return Script(id=name, questions=questions, **given)  # type: ignore[arg-type] # the constructor checks them


SHOP = (
    script(
        "shipping-time",
        "什么时候发货",
        "下单多久能发出",
        "今天拍今天能发吗",
        "几天发货",
        answers={"default": "48 小时内发货", "wecom_kf": "两天内发货"},
    ),
    script("shipping-fee", "邮费多少", "包邮吗", "运费怎么算", "要不要付快递费"),
    script("refund", "怎么退款", "我要退钱", "申请退货退款", "钱什么时候退回来"),
    script("sensitive-skin", "敏感肌能用吗", "皮肤容易过敏可以用吗", "会不会过敏", "脸红脱皮能不能用"),
    script("lipstick-shade", "口红什么颜色好看", "黄皮适合哪个色号", "哪支口红显白", "素颜涂哪个色号"),
    script("invoice", "能开发票吗", "发票怎么开", "我要专票", "电子发票在哪下载"),
    script("sale", "双十一有活动吗", "现在有什么优惠", valid_from=date(2026, 11, 1), valid_until=date(2026, 11, 11)),
    script("hidden", "内部折扣是多少", state="draft"),
)

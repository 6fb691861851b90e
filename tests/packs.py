"""Which shop do the journeys happen in? A tiny content pack, written to a folder of the test's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

SHIPPING = "现货付款后 48 小时内发货，周末也发。"
FEE = "满 99 元包邮，不满收 8 元运费。"
ASK_ORDER = "麻烦发一下订单号，我请同事帮您查。"
RETURN = "签收七天内、不影响二次销售可以退货。"
INVOICE = "在订单页点申请开票，填抬头和税号即可。"
VAGUELY = "啥时候能发货呀"  # means SHIPPING and is found, but is none of its questions word by word
GREETING = "您好，我是店小二。"

_PACK: Final = """\
name: tiny
shop: 小小店
hours: {opens: "09:00", closes: "22:00"}
greetings:
  follow: 欢迎关注小小店，有问题直接问我。
  enter_session: 您好，这里是小小店，请问有什么可以帮您？
slots:
  order_number:
    title: 订单号
    entity: order_number
    ask: 麻烦发一下订单号，我请同事帮您查。
    intents: [urge]
"""

_HANDOFF: Final = """\
version: 1
teams:
  - {id: presale, name: 售前组}
  - {id: aftersale, name: 售后组}
agents:
  - {id: chenjing, name: 陈静, teams: [presale], capacity: 5}
  - {id: wanglei, name: 王磊, teams: [aftersale], capacity: 5}
  - {id: lina, name: 李娜, teams: [presale, aftersale], capacity: 5}
triggers:
  asked_for_person: {intents: [ask_human]}
  nothing_found: {times: 2}
rules:
  - name: 投诉优先
    when: {signals: [complaint, legal]}
    team: aftersale
    priority: 1
  - name: 其余给售后组
    when: {}
    team: aftersale
    priority: 3
"""

_QUALITY: Final = """\
rules:
- {name: 机器人没答上来, severity: minor, caused_handover: {reasons: [nothing_found]}}
- {name: 说错了发货时间, forbidden: {by: bot, phrases: [48 小时], scripts: [invoice]}}
"""

_INTENTS: Final = """\
version: "3.1"
nlu:
- intent: ask_human
  examples: |
    - 转人工
    - 我要人工客服
    - 叫个真人来跟我说
    - 有没有活人
    - 别用机器人回我
    - 换个人跟我说
- intent: complain
  examples: |
    - 我要投诉
    - 投诉你们态度差
    - 太过分了给个说法
    - 你们这是骗人
- intent: urge
  examples: |
    - 帮我催一下单
    - 麻烦催催快递
    - 能不能帮我催一催
    - 催一下我的包裹
    - 催单催单
    - 帮忙催催物流
- intent: greet
  examples: |
    - 你好
    - 在吗
    - 您好呀
    - 哈喽
    - 早上好
"""

_SCRIPTS: Final[Mapping[str, tuple[str, str, tuple[str, ...]]]] = {
    "shipping-time": ("多久发货", SHIPPING, (
        "什么时候发货", "多久能发货", "下单后几天发出", "今天拍今天能发吗", "付了款什么时候寄出", "发货要等几天")),
    "shipping-fee": ("运费多少", FEE, (
        "运费多少钱", "包邮吗", "邮费怎么算", "多少钱可以包邮", "不包邮要加多少运费", "快递费谁出")),
    "return-policy": ("怎么退货", RETURN, (
        "怎么退货", "不喜欢可以退吗", "支持七天无理由吗", "拆了还能退吗", "我想把东西退掉", "退货需要什么条件")),
    "invoice": ("怎么开发票", INVOICE, (
        "怎么开发票", "能开发票吗", "发票在哪里申请", "可以开公司抬头吗", "电子发票怎么要", "开票需要什么信息")),
    "shade": ("粉底液选色号", "黄一白选 01，黄二白选 02，偏深选 03。", (
        "粉底液选什么色号", "黄皮适合哪个色号", "我皮肤偏白用哪个色", "色号怎么选", "01 和 02 哪个白")),
    "sensitive": ("敏感肌能用吗", "建议先在耳后试用 24 小时，没有不适再上脸。", (
        "敏感肌可以用吗", "敏感皮肤能用这个吗", "皮肤容易过敏能用吗", "孕妇可以用吗", "会不会刺激皮肤")),
    "member": ("会员有什么好处", "会员每满 100 元积 1 分，生日当月双倍。", (
        "会员有什么权益", "怎么加入会员", "积分怎么用", "会员生日有礼物吗", "积分会过期吗")),
    "store-hours": ("几点营业", "人工客服每天 9:00–22:00 在线。", (
        "你们几点上班", "客服工作时间", "几点营业到几点", "晚上还有客服吗", "周末上班吗")),
}  # fmt: skip


def write_pack(folder: Path) -> Path:
    """Write the pack into `folder`."""
    (folder / "intents").mkdir(parents=True)
    (folder / "scripts").mkdir()
    (folder / "pack.yaml").write_text(_PACK, encoding="utf-8")
    (folder / "handoff.yaml").write_text(_HANDOFF, encoding="utf-8")
    (folder / "replies.yaml").write_text(f"greet:\n  - {GREETING}\n", encoding="utf-8")
    (folder / "quality.yaml").write_text(_QUALITY, encoding="utf-8")
    (folder / "intents" / "all.yml").write_text(_INTENTS, encoding="utf-8")
    (folder / "scripts" / "all.yaml").write_text("\n".join(map(_script, _SCRIPTS)), encoding="utf-8")
    return folder


def _script(script_id: str) -> str:
    title, answer, questions = _SCRIPTS[script_id]
    lines = [f"- id: {script_id}", f"  title: {title}", "  category: [常见问题]", "  stage: during", "  questions:"]
    lines += [f"    - {question}" for question in questions]
    return "\n".join([*lines, "  answers:", f"    default: {answer}", ""])

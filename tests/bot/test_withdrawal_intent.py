"""Does the example shop know who wants to be forgotten from who wants an order cancelled?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.content.pack import read_pack
from bot.content.understanding import faq_examples
from nlu import RememberingEncoder, general_negatives, load_encoder, train

# None of these is an example of the pack.
WITHDRAWS = (
    "请把我的信息从你们那里删掉", "别保存我跟你们的聊天", "我不想被分析", "撤销我给你们的授权", "把我说过的都删除吧",
    "我不同意你们留存聊天记录", "个人资料全部删除谢谢", "能不能别记录我说的话", "我要删除我的隐私信息", "停止分析我",
    "我的数据麻烦销毁掉", "按规定你们要删除我的个人信息", "我不想让你们存我的聊天", "之前同意的我现在要撤回",
    "不要用我的聊天去训练",
)  # fmt: skip
MEANS_OTHERWISE = (
    "怎么删除订单", "取消订单", "地址写错了能改吗", "怎么注销账号", "删除收货地址", "购物车里的东西怎么删掉",
    "能把订单删除吗", "撤销退款", "我要撤回退款申请", "取消退货", "别再给我发广告了", "短信退订", "不要发货了",
    "不要这个颜色了", "把备注删掉", "修改个人信息", "怎么改手机号", "会员信息在哪里看", "我的订单记录在哪里",
    "取消授权登录", "帮我把刚才那单取消", "删评价", "评价怎么删除", "怎么取消自动续费", "我不同意退款金额",
    "别催我了", "我的信息填错了", "发票信息填错了怎么改", "怎么删除历史订单记录", "不要记录了 谢谢", "算了",
    "不用分析了直接推荐吧", "帮我分析一下我的肤质", "订单信息发我一下", "会不会卖我的手机号", "账户帮我删了",
    "隐私怎么保护",
)  # fmt: skip


@pytest.fixture(scope="module")
def sure() -> Callable[[str], float]:
    """How probable it is that she wants to be forgotten. The whole pack is learned: all of it decides.

    That takes ten seconds.
    """
    pack, encoder = read_pack(Path("examples/cosmetics")), RememberingEncoder(load_encoder("bundled"))
    model = train(pack.training + faq_examples(pack.scripts), encoder, negatives=general_negatives())
    (intent,) = pack.shop.withdrawals
    return lambda text: dict(model.ranking(text, encoder.encode([text])[0])).get(intent, 0.0)


def test_who_wants_to_be_forgotten_is_asked_and_who_means_otherwise_is_not(sure: Callable[[str], float]) -> None:
    assert {text: share for text in WITHDRAWS if (share := sure(text)) < 0.5} == {}
    assert {text: share for text in MEANS_OTHERWISE if (share := sure(text)) >= 0.5} == {}

"""Which scripts would a very large shop have? Made-up ones, all different, with vectors that cost no encoder."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from knowledge_base import Script

DIM = 384
_GOODS = [
    "面霜",
    "精华",
    "口红",
    "粉底",
    "眼影",
    "面膜",
    "防晒",
    "卸妆油",
    "洁面乳",
    "爽肤水",
    "护手霜",
    "唇膏",
    "香水",
    "眉笔",
    "腮红",
    "睫毛膏",
    "沙发",
    "床垫",
    "书桌",
    "台灯",
    "窗帘",
    "地毯",
    "衣柜",
    "餐椅",
    "电饭煲",
    "空气炸锅",
    "吸尘器",
    "加湿器",
    "电风扇",
    "热水壶",
    "耳机",
    "键盘",
    "鼠标",
    "充电宝",
    "手机壳",
    "数据线",
    "平板",
    "手表",
    "跑鞋",
    "凉鞋",
    "外套",
    "毛衣",
    "衬衫",
    "牛仔裤",
    "连衣裙",
    "围巾",
    "手套",
    "帽子",
    "背包",
    "行李箱",
    "雨伞",
    "水杯",
    "饭盒",
    "猫粮",
    "狗粮",
    "猫砂",
    "奶粉",
    "纸尿裤",
    "玩具",
    "绘本",
]
_KINDS = [
    "敏感肌",
    "男士",
    "儿童",
    "孕妇",
    "大码",
    "加厚",
    "轻薄",
    "便携",
    "家用",
    "商用",
    "新款",
    "经典",
    "限量",
    "联名",
    "无香",
    "有机",
    "进口",
    "国产",
    "可水洗",
    "防水",
    "静音",
    "快充",
    "折叠",
    "双人",
    "单人",
    "夏季",
    "冬季",
    "旅行装",
    "礼盒装",
    "补充装",
]
_ASKED = [
    "{}多久发货",
    "{}能用多久",
    "{}怎么保养",
    "{}有什么颜色",
    "{}支持七天退货吗",
    "{}保修几年",
    "{}多少钱一件",
    "{}有优惠券吗",
    "{}哪里生产的",
    "{}会掉色吗",
    "{}适合送人吗",
    "{}怎么安装",
    "{}有现货吗",
    "{}能开发票吗",
    "{}尺寸怎么选",
    "{}味道大不大",
    "{}可以寄到国外吗",
    "{}坏了怎么修",
    "{}和上一代有什么区别",
    "{}用什么材料做的",
    "{}能退差价吗",
    "{}过期了还能用吗",
    "{}说明书在哪里看",
    "{}可以货到付款吗",
    "{}几天能收到",
    "{}有赠品吗",
    "{}能不能改地址",
    "{}包装破了怎么办",
    "{}少发了一件怎么办",
    "{}客服电话是多少",
]
_BUCKETS = 4_096


def scripts(count: int) -> tuple[Script, ...]:
    """So many scripts of one question each, no two alike, by id; the same in every run."""
    series = range(-(-count // (len(_GOODS) * len(_KINDS) * len(_ASKED))))
    found: list[Script] = []
    for number, (asked, kind, good, line) in zip(range(count), product(_ASKED, _KINDS, _GOODS, series), strict=False):
        name = f"{kind}{good}" if line == 0 else f"{kind}{good}{_series_name(line)}"
        question = asked.format(name)
        found.append(
            Script(
                id=f"s{number:07d}",
                title=question,
                category=(good, kind),
                stage="before",
                questions=(question,),
                answers={
                    "default": f"您好，{name}的{asked.format('')}，详情页第{number % 90 + 1}条有写，还有疑问请留言。"
                },
            )
        )
    return tuple(found)


def asked_otherwise(script: Script, seed: int) -> str:
    """The script's question as a customer might put it: manners, a word left out, a particle."""
    dice = np.random.default_rng(seed)
    text = script.questions[0]
    place = int(dice.integers(1, max(2, len(text) - 1)))
    before, after = dice.choice(["", "请问", "你好 ", "想问下"]), dice.choice(["", "呀", "呢", "？"])
    return f"{before}{text[:place]}{text[place + 1 :]}{after}"


class CheapEncoder:
    """Vectors by random projection of character pairs: alike texts lie near, and a million cost seconds."""

    fingerprint = "cheap-1"

    def __init__(self) -> None:
        self._table = np.random.default_rng(7).standard_normal((_BUCKETS, DIM)).astype(np.float32)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of length one, [len(texts), DIM]."""
        rows = np.zeros((len(texts), DIM), dtype=np.float32)
        for start in range(0, len(texts), 2_048):
            part = texts[start : start + 2_048]
            codes = np.frombuffer("".join(part).encode("utf-32-le"), dtype="<u4").astype(np.int64)
            owner = np.repeat(np.arange(len(part)), [len(text) for text in part])
            same = np.flatnonzero(owner[1:] == owner[:-1])
            buckets = (codes[same] * 31 + codes[same + 1] * 17) % _BUCKETS
            ones = np.ones(len(same), dtype=np.float32)
            counts = csr_matrix((ones, (owner[same], buckets)), shape=(len(part), _BUCKETS))
            rows[start : start + len(part)] = counts @ self._table
        rows += self._table[0]  # real vectors share a direction too, and no row may be zero
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _series_name(line: int) -> str:
    return f"第{line + 1}代"

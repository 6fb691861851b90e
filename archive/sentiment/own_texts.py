"""What did we write ourselves for the model to learn from? Service messages and reviews, put together from our lists."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files

from archive.sentiment.rows import Judged

PARTS = 4
_SEED = 12  # any; the same texts every time
_WHOLE = 3  # characters of a predicate that needs no subject
_DEGREES = ("", "", "很", "非常", "特别", "真", "真的很", "超级", "挺", "相当", "十分", "太", "蛮", "都很", "也很", "比较")
_NEGATIONS = ("不", "不", "不太", "一点都不", "一点也不", "不怎么", "不够", "并不", "根本不", "没那么", "没有想象中", "不是很")
_STRESSES = ("", "", "", "", "真", "真的", "实在", "有点", "居然", "竟然", "也", "都", "简直", "还是", "总是", "完全")
_TURNS = ("但是", "不过", "就是", "可是", "但", "只是", "可惜", "然而")
_STOPS = ("，", "，", "，", "。", " ", "！", "；", ",", "~", "、")
_ENDS = ("", "", "", "。", "！", "！！", "~", "…", "啊", "了", "哦", "呢")
_ASIDES = (
    "昨天买的", "买给妈妈的", "给孩子买的", "第一次在这家买", "朋友推荐的", "双十一买的", "活动时候买的", "收到货了", "今天刚收到",
    "用了几天", "用了一个月", "已经用上了", "等了三天", "周末去的", "和家人一起", "出差住的", "点了好几次", "在网上看到的", "打开看了看",
    "拿到手", "给老公买的", "同事一起买的", "之前买过", "试了一下", "总的来说", "整体来说", "怎么说呢", "感觉", "个人觉得",
)  # fmt: skip
_ASKED = ("{}怎么样", "{}好吗", "{}好不好", "{}多少钱", "有没有{}", "想看看{}", "{}有几种", "我想问一下{}", "{}的问题", "{}怎么选", "关于{}")
_DOUBTED = ("{0}{1}吗", "请问{0}{1}吗", "{0}会不会{1}", "会{1}吗", "{0}{1}怎么办", "如果{0}{1}可以退吗", "{0}是不是{1}", "要是{1}能换吗")


@dataclass(frozen=True, slots=True)
class Aspect:
    """What one may speak of. pleases, displeases: what is said of it; a trailing * marks an adjective 不 turns round."""

    subjects: tuple[str, ...]
    pleases: tuple[str, ...]
    displeases: tuple[str, ...]


def own_texts(*, polar: int = 12_000, neutral: int = 12_000) -> list[Judged]:
    """Our sentences, `polar` compositions of each side and `neutral` ones without a feeling.

    In parts (`Judged.part`), each from a share of the lists: what a part says is new to who learned the others only.
    """
    rows = []
    for part in range(PARTS):
        writer = _Writer(random.Random(_SEED + part), part)  # noqa: S311 - texts, not secrets
        rows += [Judged(text, label, part=part) for label, lines in writer.sayings.items() for text in lines]
        for label in (1, -1):
            rows += [Judged(writer.opinion(label), label, part=part) for _ in range(polar // PARTS)]
        rows += [Judged(writer.matter_of_fact(), 0, part=part) for _ in range(neutral // PARTS)]
    return rows


def _lines(name: str) -> list[str]:
    text = (files("archive.sentiment") / "data" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _share(entries: Sequence[str], part: int) -> tuple[str, ...]:
    return tuple(entries[part::PARTS]) or tuple(entries)


def _aspect(line: str, part: int) -> Aspect:
    subjects, pleases, displeases = (tuple(words.split()) for words in line.split("|"))
    return Aspect(subjects, _share(pleases, part), _share(displeases, part))


class _Writer:
    """Puts texts together; what it draws depends on the generator's state alone."""

    def __init__(self, chance: random.Random, part: int) -> None:
        self.aspects = [_aspect(line, part) for line in _lines("aspects.txt")]
        names = {1: "pleased.txt", -1: "displeased.txt", 0: "unmoved.txt"}
        self.sayings = {label: _share(_lines(name), part) for label, name in names.items()}
        self._chance = chance

    def opinion(self, label: int) -> str:
        """One to four clauses of one side; now and then the other side is heard first and turned round."""
        chance, draw = self._chance, self._chance.choice
        aspect = draw(self.aspects)
        parts = [self._part(aspect, label) for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4)))]
        if chance.random() < 0.3:  # noqa: PLR2004 - a share of the texts, as the next
            parts.insert(chance.randrange(len(parts) + 1), draw(_ASIDES))
        if chance.random() < 0.12:  # noqa: PLR2004
            parts = [self._part(aspect, -label), draw(_TURNS) + self._part(aspect, label), *parts[1:]]
            parts.append(draw(self.sayings[label]))
        return "".join(part + draw(_STOPS) for part in parts[:-1]) + parts[-1] + draw(_ENDS)

    def matter_of_fact(self) -> str:
        """A question or a fact; also questions for what would please or displease if it were said."""
        draw = self._chance.choice
        aspect = draw(self.aspects)
        forms: tuple[Callable[[], str], ...] = (
            lambda: draw(self.sayings[0]),
            lambda: draw(self.sayings[0]) + draw(("，", " ", "。", "？")) + draw(self.sayings[0]),
            lambda: draw(_ASKED).format(draw(aspect.subjects)),
            lambda: draw(_DOUBTED).format(draw(aspect.subjects), draw((*aspect.pleases, *aspect.displeases)).rstrip("*")),
            lambda: draw(_ASIDES) + draw(("", "，", " ")) + draw((draw(self.sayings[0]), draw(aspect.subjects))),
            lambda: draw(aspect.subjects) + draw(("", "?", "呢", "，") ) + draw(self.sayings[0]),
        )
        return draw(forms)() + draw(("", "", "？", "。", "?", "呢", "啊", "呀", "哈"))

    def _part(self, aspect: Aspect, label: int) -> str:
        draw = self._chance.choice
        if self._chance.random() < 0.35:  # noqa: PLR2004 - a share of the clauses
            return draw(self.sayings[label])
        if self._chance.random() < 0.15:  # noqa: PLR2004 - another thing is spoken of
            aspect = draw(self.aspects)
        predicate = self._predicate(aspect, label)
        if len(predicate) < _WHOLE:  # 好 by itself says yes, not that it is good
            return draw(aspect.subjects) + predicate
        return draw(("", "", draw(aspect.subjects))) + predicate

    def _predicate(self, aspect: Aspect, label: int) -> str:
        draw = self._chance.choice
        if label > 0:
            word = draw(aspect.pleases)
            return draw(_DEGREES) + word.rstrip("*") if word.endswith("*") else word
        adjectives = [word.rstrip("*") for word in aspect.pleases if word.endswith("*")]
        if adjectives and self._chance.random() < 0.25:  # noqa: PLR2004 - a share of the complaints
            return draw(_NEGATIONS) + draw(adjectives)
        return draw(_STRESSES) + draw(aspect.displeases)

"""Which provinces, cities and districts are there, and what are they called for short?"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from nlu.lexicon import lines

_MUNICIPALITIES = frozenset({"北京市", "天津市", "上海市", "重庆市"})
_ETHNIC = re.compile(
    "(?:壮族|藏族|回族|维吾尔|朝鲜族|土家族|苗族|彝族|白族|傣族|景颇族|傈僳族|哈尼族|布依族|侗族|羌族|蒙古族?|哈萨克|柯尔克孜|黎族)+"
)
_SUFFIX = re.compile("(?:特别行政区|自治区|自治州|自治县|地区|林区|新区|盟|省|市|区|县|旗)$")
_ONE_CHARACTER = {
    "沪": "上海市", "渝": "重庆市", "粤": "广东省", "浙": "浙江省", "皖": "安徽省", "闽": "福建省", "赣": "江西省",
    "鄂": "湖北省", "豫": "河南省", "冀": "河北省", "鲁": "山东省", "湘": "湖南省", "琼": "海南省", "滇": "云南省",
    "京": "北京市", "津": "天津市", "苏": "江苏省", "川": "四川省", "陕": "陕西省", "桂": "广西壮族自治区",
}  # fmt: skip
# also words of everyday life: only with their suffix, or behind their province
_EVERYDAY = re.compile(
    "白银|日照|普洱|安康|东方|大同|石狮|天门|黄山|平安|安国|三明|高平|瑞金|和平|大理|万宁|安宁|长治|兴化|丰城"
)


@dataclass(frozen=True, slots=True)
class Division:
    """A place with its parents; "" below the level that is named. A municipality is its own city."""

    province: str
    city: str = ""
    district: str = ""

    def holds(self, other: Division) -> bool:
        """Whether `other` lies below this one."""
        if self.district or (self.city and not other.district):
            return False
        return self.province == other.province and self.city in ("", other.city) and other != self


@dataclass(frozen=True, slots=True)
class Gazette:
    """Names by their first two characters, longest first.

    alone: names that are understood by themselves. below: short names that only count behind their parent.
    """

    alone: dict[str, tuple[str, ...]]
    below: dict[str, tuple[str, ...]]
    places: dict[str, tuple[Division, ...]]
    short: dict[str, Division]


@cache
def gazette() -> Gazette:
    """Read the table once: some 3,300 places, about 2 MB."""
    alone: dict[str, list[Division]] = defaultdict(list)
    below: dict[str, list[Division]] = defaultdict(list)
    for line in lines("divisions.txt"):
        province, city, districts = line.split("\t")
        _add(alone, below, Division(province), province, short_alone=True)
        city = "" if city == "-" else city
        if city:
            _add(alone, below, Division(province, city), city, short_alone=True)
        for name in districts.split():
            # county-level cities are known by their short name (义乌), districts are not (西湖)
            _add(alone, below, Division(province, city, name), name, short_alone=name.endswith("市") and city != name)
    places = {name: tuple(dict.fromkeys([*alone.get(name, ()), *below.get(name, ())])) for name in {**alone, **below}}
    provinces = {name: Division(full) for name, full in _ONE_CHARACTER.items()}
    return Gazette(_by_start(alone), _by_start(below), places, provinces)


def _add(
    alone: dict[str, list[Division]], below: dict[str, list[Division]], place: Division, name: str, *, short_alone: bool
) -> None:
    if place.city in _MUNICIPALITIES and not place.district:
        return  # the province's name says it
    full = Division(name, name) if name in _MUNICIPALITIES else place
    alone[name].append(full)
    short = "内蒙" if name == "内蒙古自治区" else _short(name)
    if short != name and len(short) > 1:
        (alone if short_alone and not _EVERYDAY.fullmatch(short) else below)[short].append(full)


def _short(name: str) -> str:
    stripped = _ETHNIC.sub("", _SUFFIX.sub("", name)) or name
    return stripped if len(stripped) > 1 else name


def _by_start(names: dict[str, list[Division]]) -> dict[str, tuple[str, ...]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for name in names:
        grouped[name[:2]].append(name)
    return {start: tuple(sorted(group, key=lambda name: (-len(name), name))) for start, group in grouped.items()}

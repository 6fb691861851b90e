"""Is this place inside that one, however either is written?"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

EARTH_KM: Final = 6371.0088  # mean radius (IUGG)
Position = tuple[float, float]  # latitude, longitude in degrees

_MUNICIPALITIES: Final = frozenset({"北京", "天津", "上海", "重庆"})
# GB/T 2260: the 34 divisions of the first level, without suffix
_PROVINCES: Final = frozenset({
    "北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽",
    "福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西",
    "甘肃", "青海", "台湾", "内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门",
})  # fmt: skip
_SUFFIX: Final = re.compile("(?:特别行政区|自治区|自治州|自治县|自治旗|地区|林区|新区|省|市|盟|区|县|旗)$")
_ETHNIC: Final = re.compile(
    "(?:壮族|藏族|回族|维吾尔|朝鲜族|土家族|苗族|彝族|白族|傣族|景颇族|傈僳族|哈尼族|布依族|侗族|羌族|蒙古族?|哈萨克|柯尔克孜|黎族)+$"
)
_SHORTEST: Final = 2  # 东区, 矿区: a single character is no name


@dataclass(frozen=True, slots=True)
class Place:
    """Province, city, district, as far as given; names without 省, 市, 区… parts: from the outermost on.

    A place that begins with a city or district ("深圳", "深圳/南山") is that one, whatever it lies in.
    """

    parts: tuple[str, ...]

    @classmethod
    def of(cls, names: Sequence[str]) -> Self:
        """From names as people write them ("广东省", "深圳"); "" where a level is not known."""
        parts = [_short(name) for name in names]
        if parts and parts[0] in _MUNICIPALITIES and len(parts) > 1 and parts[1] not in {parts[0], ""}:
            parts.insert(1, parts[0])  # 北京/海淀 is 北京/北京/海淀
        while parts and not parts[-1]:
            parts.pop()
        return cls(tuple(parts))

    @classmethod
    def parse(cls, written: str) -> Self:
        """From "广东省/深圳市/南山区"."""
        return cls.of([name.strip() for name in written.split("/")])

    @property
    def is_rooted(self) -> bool:
        """Does it begin with a province, so that what lies in it does, too?"""
        return bool(self.parts) and self.parts[0] in _PROVINCES

    @property
    def trail(self) -> str:
        """As text: "/广东/深圳/". Whatever lies inside has it within, and at its beginning where this `is_rooted`."""
        return f"/{'/'.join(self.parts)}/" if self.parts else ""

    def depth_in(self, place: Place) -> int:
        """How many levels of `place`, from its province on, it takes to be inside this one; 0 if it is not inside."""
        wide, narrow = self.parts, place.parts
        if not wide:
            return 0
        starts = range(1) if self.is_rooted else range(len(narrow))
        return next((at + len(wide) for at in starts if narrow[at : at + len(wide)] == wide), 0)

    def holds(self, place: Place) -> bool:
        """Is `place` this one or inside it?"""
        return self.depth_in(place) > 0


def distance_km(one: Position, other: Position) -> float | None:
    """Along the great circle (haversine); None where either is no position on Earth."""
    if not (_on_earth(one) and _on_earth(other)):
        return None
    (south, west), (north, east) = [(math.radians(lat), math.radians(lng)) for lat, lng in (one, other)]
    chord = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin((east - west) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, chord)))


def _on_earth(position: Position) -> bool:
    lat, lng = position
    return abs(lat) <= 90 and abs(lng) <= 180  # noqa: PLR2004 - degrees; false for NaN


def _short(name: str) -> str:
    cut = _SUFFIX.sub("", name.strip())
    plain = _ETHNIC.sub("", cut) if cut != name.strip() else cut
    if len(plain) >= _SHORTEST:
        return plain
    return cut if len(cut) >= _SHORTEST else name.strip()

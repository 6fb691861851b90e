"""Which addresses does a text name, down to province, city and district?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from nlu.entities.divisions import Division, gazette
from nlu.entities.found import Found, Rank
from nlu.training_data import Entity

_KNOWN = gazette()  # read at import: no customer's message waits for the file
_GAP = re.compile(r"[ ,，/、-]{0,2}")
# street, house, floor; each part is short and nothing follows that could fail, so no text takes long
_PART = (
    r"(?:[^\W的了吗呢我你他能要到发是不有就和把给在寄送]{1,12}?"
    r"(?:大道|胡同|街道|小区|花园|大厦|广场|公寓|单元|[路街巷弄镇乡村苑园号栋幢楼室层座期])|[0-9]{3,4}(?![0-9年月元块]))"
)
_DETAIL = re.compile(rf"[ ,，]{{0,2}}(?:{_PART}[ ,，-]{{0,1}}){{1,8}}")
_BEFORE_SHORT = frozenset("发到寄在送往从去是")
_AFTER_SHORT = re.compile(r"$|[市省这那地能可包要发多几，。,.?？！! 吗呢有也]")
_RENAMED = frozenset("区县市")
_NOT_A_PLACE = re.compile(r"中山装|北京时间|上海家化|南京路|上海路|北京路|海南路|京东|苏打|川味|川贝|苏宁")


def find_places(text: str) -> Iterator[Found]:
    """Find "address"; value: province/city/district/detail, empty where it is not said and does not follow.

    "余杭区" follows from its name alone, "朝阳区" (Beijing's or Changchun's) does not: "//朝阳区/". The cities of
    the municipalities bear their names: "北京市/北京市/海淀区/". Source of the divisions: GB/T 2260, end of 2023.
    """
    end = 0  # of the place found last
    for position, char in enumerate(text):
        if position < end or (text[position : position + 2] not in _KNOWN.alone and char not in _KNOWN.short):
            continue
        if entity := _at(text, position):
            yield Found(entity, Rank.PLACE if entity.value.endswith("/") else Rank.ADDRESS)
            end = entity.end


def _at(text: str, start: int) -> Entity | None:
    if _NOT_A_PLACE.match(text, start):
        return None
    name = _name_at(text, start, _KNOWN.alone)
    if name is None:
        return _one_character(text, start)
    candidates: Sequence[Division] = _KNOWN.places[name]
    end, named = start + len(name), [name]
    while True:
        gap = _GAP.match(text, end)
        following = gap.end() if gap else end
        below = _below(text, following, candidates)
        if below is None:
            break
        candidates, length = below
        named.append(text[following : following + length])
        end = following + length
        if text[end : end + 1] in _RENAMED and text[end - 1] not in _RENAMED:
            end += 1  # 双流县 is 双流区 today
    place = _common(candidates, named[-1])
    detail = _DETAIL.match(text, end) if place.city or place.district else None
    if detail and _name_at(text, end + len(detail[0]) - len(detail[0].lstrip(" ,，")), _KNOWN.alone):
        detail = None  # the next address begins here
    written = detail[0].strip(" ,，-").replace("/", " ") if detail else ""
    end = detail.start() + len(detail[0].rstrip(" ,，-")) if detail else end
    return Entity("address", start, end, f"{place.province}/{place.city}/{place.district}/{written}")


def _name_at(text: str, start: int, names: Mapping[str, tuple[str, ...]]) -> str | None:
    candidates = names.get(text[start : start + 2], ())
    return next((name for name in candidates if text.startswith(name, start)), None)


def _below(text: str, start: int, parents: Sequence[Division]) -> tuple[Sequence[Division], int] | None:
    """The places inside one of `parents` that are named at `start`, and the length of that name."""
    for names in (_KNOWN.alone, _KNOWN.below):
        for name in names.get(text[start : start + 2], ()):
            if not text.startswith(name, start):
                continue
            inside = [place for place in _KNOWN.places[name] if any(parent.holds(place) for parent in parents)]
            if inside:
                return inside, len(name)
    return None


def _common(candidates: Sequence[Division], name: str) -> Division:
    """What all candidates share; of a district with several parents only its name."""
    if len(candidates) == 1:
        return candidates[0]
    top = [place for place in candidates if not place.district]
    if len(top) == 1:
        return top[0]  # 吉林 the province before 吉林 the city below it
    provinces = {place.province for place in candidates}
    cities = {place.city for place in candidates}
    shared = Division(provinces.pop() if len(provinces) == 1 else "", cities.pop() if len(cities) == 1 else "")
    full = next((place.district for place in candidates if place.district), name)
    return Division(shared.province, shared.city, full) if not top else Division(top[0].province)


def _one_character(text: str, start: int) -> Entity | None:
    place = _KNOWN.short.get(text[start])
    before = text[start - 1] if start else ""
    if place is None or before not in _BEFORE_SHORT or not _AFTER_SHORT.match(text, start + 1):
        return None
    city = place.province if place.province in {"北京市", "天津市", "上海市", "重庆市"} else ""
    return Entity("address", start, start + 1, f"{place.province}/{city}//")

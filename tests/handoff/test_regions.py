"""Is she in that region, however it is written, and which shop is the nearest?"""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.places import EARTH_KM, Place, distance_km
from handoff.regions import BranchShop, Node, RegionTree

SHENZHEN, GUANGZHOU, BEIJING = (22.5431, 114.0579), (23.1291, 113.2644), (39.9042, 116.4074)
TREE = RegionTree(
    nodes=(
        Node(Place.parse("广东"), "south"),
        Node(Place.parse("广东省/深圳市"), "shenzhen"),
        Node(Place.parse("北京/海淀区"), "haidian"),
    ),
    shops=(
        BranchShop("深圳店", Place.parse("广东/深圳/南山"), SHENZHEN, "shop-sz", 50),
        BranchShop("广州店", Place.parse("广东/广州"), GUANGZHOU, "shop-gz"),
    ),
)
POSITIONS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@pytest.mark.parametrize(
    ("wide", "narrow", "inside"),
    [
        ("深圳", ("广东省", "深圳市", "南山区"), True),
        ("深圳市", ("广东", "深圳"), True),
        ("广东", ("广东省", "深圳市"), True),
        ("广东省/深圳", ("广东", "深圳市", ""), True),
        ("深圳/南山", ("广东省", "深圳市", "南山区"), True),
        ("海淀", ("北京市", "北京市", "海淀区"), True),
        ("北京/海淀", ("北京市", "北京市", "海淀区"), True),
        ("广西壮族自治区", ("广西",), True),
        ("内蒙古", ("内蒙古自治区", "呼和浩特市"), True),
        ("香港", ("香港特别行政区",), True),
        ("朝阳", ("", "", "朝阳区"), True),
        ("吉林", ("吉林省", "长春市"), True),
        ("吉林/吉林", ("吉林省", "长春市"), False),
        ("广东", ("湖南省",), False),
        ("广东/深圳", ("广东省",), False),
        ("海南", ("青海省", "海南藏族自治州"), False),
        ("深圳", (), False),
    ],
)
def test_places_are_known_however_they_are_written(wide: str, narrow: tuple[str, ...], *, inside: bool) -> None:
    assert Place.parse(wide).holds(Place.of(narrow)) is inside


@pytest.mark.parametrize(
    ("region", "position", "team"),
    [
        (("广东省",), None, "south"),
        (("广东省", "深圳市"), None, "shenzhen"),
        (("广东省", "深圳市", "南山区"), None, "shop-sz"),  # the narrowest, a shop's too
        (("广东省", "深圳市", "福田区"), None, "shenzhen"),
        (("北京市", "北京市", "海淀区"), None, "haidian"),
        (("北京市",), None, None),
        ((), None, None),
        (("北京市",), SHENZHEN, "shop-sz"),  # a position says more than a region
        ((), (22.6, 114.1), "shop-sz"),
        ((), BEIJING, "shop-gz"),  # Shenzhen's serves 50 km only
        (("广东省",), (math.nan, 0.0), "south"),
    ],
)
def test_the_narrowest_region_or_the_nearest_shop_serves(
    region: tuple[str, ...], position: tuple[float, float] | None, team: str | None
) -> None:
    assert TREE.team_for(region, position) == team


def test_distances_are_those_of_a_map() -> None:
    known = distance_km(SHENZHEN, GUANGZHOU)
    assert known == pytest.approx(104, abs=2)
    assert distance_km((0, 0), (0, 180)) == pytest.approx(math.pi * EARTH_KM)


@given(POSITIONS, POSITIONS, POSITIONS)
def test_distance_is_a_distance(one: tuple[float, float], two: tuple[float, float], three: tuple[float, float]) -> None:
    def km(a: tuple[float, float], b: tuple[float, float]) -> float:
        found = distance_km(a, b)
        assert found is not None
        return found

    assert km(one, one) == pytest.approx(0, abs=1e-6)
    assert km(one, two) == pytest.approx(km(two, one))
    assert km(one, three) <= km(one, two) + km(two, three) + 1e-3
    assert km(one, two) <= math.pi * EARTH_KM + 1e-6


@given(POSITIONS)
def test_no_other_shop_in_reach_is_nearer(position: tuple[float, float]) -> None:
    found = TREE.nearest(position)
    assert found is not None
    away = {shop.name: distance_km(position, shop.position) for shop in TREE.shops}
    near = [km for shop in TREE.shops if (km := away[shop.name]) is not None and km <= (shop.max_km or math.inf)]
    assert away[found.name] == min(near)


NAMES = st.lists(st.sampled_from(["广东", "深圳", "南山", "浙江省", "杭州市", "", "深"]), max_size=4)


@given(NAMES, NAMES)
def test_what_lies_inside_is_known_by_its_trail(wide: list[str], narrow: list[str]) -> None:
    """So that a database can tell by text alone."""
    one, other = Place.of(wide), Place.of(narrow)
    told = one.trail in other.trail and (not one.is_rooted or other.trail.startswith(one.trail))
    assert one.holds(other) == (told and bool(one.parts))

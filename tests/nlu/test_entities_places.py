"""Is an address read down to its district, and is a name left alone where it is none?"""

from __future__ import annotations

import pytest

from nlu import find_entities
from nlu.entities.divisions import gazette


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("浙江杭州西湖区文三路90号3楼", "浙江省/杭州市/西湖区/文三路90号3楼"),
        ("广东省广州市天河区体育西路103号维多利广场A座", "广东省/广州市/天河区/体育西路103号维多利广场A座"),
        ("上海浦东新区世纪大道100号", "上海市/上海市/浦东新区/世纪大道100号"),
        ("寄到余杭区", "浙江省/杭州市/余杭区/"),
        ("朝阳区能发吗", "//朝阳区/"),
        ("北京朝阳", "北京市/北京市/朝阳区/"),
        ("发到沪多久", "上海市/上海市//"),
        ("我在粤", "广东省///"),
        ("新疆包邮吗", "新疆维吾尔自治区///"),
        ("内蒙呢", "内蒙古自治区///"),
        ("義烏能發嗎", "浙江省/金华市/义乌市/"),
        ("湖北仙桃", "湖北省//仙桃市/"),
        ("吉林", "吉林省///"),
        ("重庆市万州区", "重庆市/重庆市/万州区/"),
        ("广东省，深圳市，南山区", "广东省/深圳市/南山区/"),
        ("成都市双流县", "四川省/成都市/双流区/"),
        ("成都市武侯区天府大道18号", "四川省/成都市/武侯区/天府大道18号"),
        ("台北市", "台湾省/台北市//"),
    ],
)
def test_addresses(text: str, value: str) -> None:
    assert [each.value for each in find_entities(text) if each.type == "address"] == [value]


@pytest.mark.parametrize(
    "text",
    [
        "白银项链",
        "普洱茶",
        "日照时间",
        "平安到家",
        "京东买的",
        "苏打水",
        "太贵了",
        "川味火锅",
        "云朵面霜",
        "北京时间几点",
        "青春",
        "南方人",
    ],
)
def test_no_address(text: str) -> None:
    assert not [each for each in find_entities(text) if each.type == "address"]


def test_two_addresses_stay_two() -> None:
    found = [each.value for each in find_entities("从北京朝阳 上海浦东新区世纪大道100号") if each.type == "address"]
    assert found == ["北京市/北京市/朝阳区/", "上海市/上海市/浦东新区/世纪大道100号"]


def test_every_full_name_of_the_table_is_found_as_itself() -> None:
    for name, places in gazette().places.items():
        if name.endswith(("省", "自治区")) and len(places) == 1 and not places[0].city:
            (found,) = find_entities(f"寄到{name}。")
            assert (found.value, found.start) == (f"{places[0].province}///", 2)

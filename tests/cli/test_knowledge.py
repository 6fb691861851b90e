"""Do scripts come in from files, all or none, and are they found and measured?"""

from __future__ import annotations

import json

import pytest

from tests.cli.shop import CommandShop
from tests.cli.test_content import script_states


@pytest.mark.parametrize("name", ["new.csv", "new.xlsx"])
def test_the_template_is_itself_a_good_file(shop: CommandShop, name: str) -> None:
    file = shop.folder / name
    shop.ok("content", "apply", shop.pack)
    shop.ok("kb", "template", file)
    assert shop.ok("kb", "import", file, "--dry-run", "--json").json == {
        "applied": False, "added": [], "changed": ["shipping-time"], "unchanged": 0,
    }  # fmt: skip
    assert "is there already" in shop.refused("kb", "template", file)
    assert ".csv or .xlsx" in shop.refused("kb", "template", shop.folder / "new.ods")


def test_the_first_import_keeps_the_shop_s_own_scripts(shop: CommandShop) -> None:
    """A first start would apply the pack and retire what is not in it: the pack comes first."""
    file = shop.folder / "new.csv"
    file.write_text("编号,标准问题,答案\nparking,能停车吗,门口可以停车\n", encoding="gb18030")
    assert shop.ok("kb", "import", file, "--json").json["added"] == ["parking"]
    assert shop.in_database(script_states) == {"invoice": "live", "shipping-time": "live", "parking": "live"}
    assert shop.ok("kb", "import", file, "--json").json == {
        "applied": True, "added": [], "changed": [], "unchanged": 1,
    }  # fmt: skip


def test_one_wrong_row_and_nothing_is_imported(shop: CommandShop) -> None:
    shop.ok("content", "apply", shop.pack)
    file = shop.folder / "new.csv"
    file.write_text("编号,标准问题,答案\nparking,能停车吗,可以\na b,几楼,二楼\nfloor,,二楼\n", encoding="utf-8")
    error = shop.refused("kb", "import", file)
    assert "2 mistakes; nothing was changed" in error
    assert f"{file}:3: 编号" in error
    assert f"{file}:4: 标准问题" in error
    assert "parking" not in shop.in_database(script_states)
    assert "no such" in shop.refused("kb", "search", "几楼", "--channel", "fax")


def test_the_right_script_is_found_with_the_channel_s_answer(trained_shop: CommandShop) -> None:
    found = trained_shop.ok("kb", "search", "你们多久能发货啊", "--channel", "wecom_kf", "--json").json
    assert found[0].keys() == {"id", "title", "probability", "answer"}
    assert (found[0]["id"], found[0]["title"], found[0]["answer"]) == ("shipping-time", "多久发货", "两天内发货")
    assert found[0]["probability"] > 0.5
    assert "48 小时内发货" in trained_shop.ok("kb", "search", "什么时候发货").out


def test_search_is_measured_without_a_database(shop: CommandShop) -> None:
    posts = {
        "什么时候发货": ["下单几天发出", "多久能发货"],
        "能开发票吗": ["发票怎么开"],
        "怎么退款": ["我要退钱", "申请退款"],
    }
    entries = [
        {"post": post, "similarQuestions": asks, "replies": [{"rtype": "plain", "content": "好"}]}
        for post, asks in posts.items()
    ]
    file = shop.folder / "faq.json"
    file.write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")
    scores = shop.ok("kb", "eval", "--faq", file, "--faq", file, "--json").json
    assert scores.keys() == {"recall_at_1", "recall_at_3", "recall_at_10", "mrr", "ms_per_query", "n"}
    assert scores["n"] == 10
    assert scores["recall_at_3"] == scores["recall_at_10"] == 1
    queries = shop.folder / "queries.jsonl"
    queries.write_text('{"query": "退款", "post": "怎么退款"}\n{"query": 1}\n', encoding="utf-8")
    assert f"{queries}:2:" in shop.refused("kb", "eval", "--faq", file, "--queries", queries)
    assert not shop.database.exists()

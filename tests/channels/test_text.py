"""Texts are cut where people would cut them, lose nothing, and are understood without their decoration."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels.emoticons import MEANINGS
from bot.channels.fitting import check_menu, fit_menu, fit_text
from bot.channels.text import clip, for_understanding, size, split_text
from bot.domain import Choice, MenuContent, TextContent

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
CHINA, JAPAN = "🇨🇳", "🇯🇵"
ACCENTED = "e\u0301\u0302\u0303"
HANGUL = "\u1112\u1161\u11ab"
WHOLE = [FAMILY, CHINA, JAPAN, "👍🏽", "❤️", "1️⃣", ACCENTED, HANGUL, "[微笑]", "[Smile]", "/::)", "/:handclap", "/:|-)"]
URL = "https://shop.example.com/orders?id=1,2;3!"
LINK = '<a href="https://shop.example.com">点这里。看看，吧</a>'

words = st.lists(
    st.sampled_from([*WHOLE, URL, LINK, "好", "的", "。", "，", "！", "？", "a", " ", "\n", "\r\n", "…"])
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    max_size=60,
).map("".join)


def without_space(text: str) -> str:
    return "".join(text.split())


# ── splitting ────────────────────────────────────────────────────────────────────────────────


@given(words, st.integers(4, 300))
@example("好" * 5, 4)
@example("ab " * 10, 7)
@example(FAMILY * 3, 25)
def test_pieces_fit_and_hold_every_character_once(text: str, limit: int) -> None:
    pieces = split_text(text, limit)
    assert all(0 < size(piece) <= limit and piece == piece.strip() for piece in pieces)
    assert without_space("".join(pieces)) == without_space(text)


@pytest.mark.parametrize("whole", [*WHOLE, URL, LINK])
@given(data=st.data())
def test_what_people_see_as_one_is_never_cut(whole: str, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    between = data.draw(st.sampled_from(["", "好", "好。", " "]))
    limit = data.draw(st.integers(size(whole) + 3, size(whole) * 3 + 8))
    if between == "" and whole == URL:
        between = " "  # URLs in a row are one URL
    pieces = split_text((whole + between) * count, limit)
    assert sum(piece.count(whole) for piece in pieces) == count


@given(
    st.lists(st.sampled_from([*WHOLE, "好", "的", "。", "，", "！", "？", "a", " ", "\n", "…"]), max_size=40),
    st.integers(32, 80),
)
def test_pieces_begin_and_end_between_characters_as_people_see_them(clusters: list[str], limit: int) -> None:
    borders = {len(without_space("".join(clusters[:count]))) for count in range(len(clusters) + 1)}
    at = 0
    for piece in split_text("".join(clusters), limit):
        at += len(without_space(piece))
        assert at in borders


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("", 100, ()),
        ("  \n ", 100, ()),
        ("一句。", 100, ("一句。",)),
        ("第一句。第二句！第三句", 24, ("第一句。第二句！", "第三句")),
        ("他说：“好的。”我就走了", 24, ("他说：“好的。”", "我就走了")),
        ("第一行\n第二行很长很长", 15, ("第一行", "第二行很长", "很长")),
        ("有逗号，没有句号的话在这里", 24, ("有逗号，", "没有句号的话在这", "里")),
        ("one two three", 9, ("one two", "three")),
        ("好。" + "长" * 20, 60, ("好。" + "长" * 18, "长长")),
        ("真的吗？是的；好！", 12, ("真的吗？", "是的；", "好！")),
    ],
)
def test_cuts_at_sentences_then_clauses_then_words(text: str, limit: int, pieces: tuple[str, ...]) -> None:
    assert split_text(text, limit) == pieces


def test_a_flag_is_not_cut_in_half_nor_a_pair_of_flags_glued() -> None:
    assert split_text(CHINA + JAPAN + CHINA, 17) == (CHINA + JAPAN, CHINA)


def test_hangul_in_parts_stays_together() -> None:
    assert split_text("\u1112\u1112\u1161" * 3, 10) == ("\u1112\u1112\u1161",) * 3
    assert split_text("가나다", 6) == ("가나", "다")


def test_what_alone_exceeds_the_limit_is_cut_rather_than_lost() -> None:
    assert "".join(split_text(FAMILY, 10)) == FAMILY
    assert "".join(split_text("e" + "\u0301" * 50, 11)) == "e" + "\u0301" * 50
    assert "".join(split_text(URL * 3, 30)) == URL * 3


def test_a_limit_that_fits_no_character_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 4"):
        split_text("好", 3)


def test_half_of_a_surrogate_pair_does_no_harm() -> None:
    assert split_text("a\ud83db" * 3, 4) == ("a\ud83dba", "\ud83dba\ud83d", "b")


@given(words, st.integers(8, 64))
def test_clipped_text_fits_and_says_that_it_was_cut(text: str, limit: int) -> None:
    clipped = clip(text, limit)
    assert size(clipped) <= limit
    assert clipped == text or (clipped.endswith("…") and text.startswith(clipped[:-1]))


# ── fitting ──────────────────────────────────────────────────────────────────────────────────


@given(words)
def test_fitted_texts_are_the_split_ones(text: str) -> None:
    assert fit_text(TextContent(text)) == tuple(TextContent(piece) for piece in split_text(text, 2048))


@given(st.text(max_size=1500), st.integers(1, 25), st.text(max_size=60), st.text(max_size=500))
def test_any_menu_fits_after_splitting_and_keeps_its_choices(head: str, count: int, label: str, tail: str) -> None:
    choices = tuple(Choice(f"id-{number}", label) for number in range(count))
    menus = [piece for piece in fit_menu(MenuContent(head, choices, tail)) if isinstance(piece, MenuContent)]
    for menu in menus:
        check_menu(menu)
    assert [choice.id for menu in menus for choice in menu.choices] == [choice.id for choice in choices]


def test_a_long_head_goes_before_the_menu() -> None:
    *before, menu = fit_menu(MenuContent("句子。" * 500, (Choice("a", "甲"),)))
    assert all(isinstance(piece, TextContent) for piece in before)
    assert isinstance(menu, MenuContent)
    texts = [piece.text for piece in before if isinstance(piece, TextContent)]
    assert "".join(texts) + menu.head == "句子。" * 500
    assert menu.head


def test_a_menu_without_choices_is_text() -> None:
    assert fit_menu(MenuContent("问", (), "尾")) == (TextContent("问\n尾"),)


@pytest.mark.parametrize(
    "menu",
    [
        MenuContent("h", ()),
        MenuContent("h", (Choice("a", "b"),) * 11),
        MenuContent("长" * 342, (Choice("a", "b"),)),
        MenuContent("h", (Choice("a", "b"),), "长" * 342),
        MenuContent("h", (Choice("a" * 65, "b"),)),
        MenuContent("h", (Choice("a", "长" * 43),)),
    ],
)
def test_a_menu_over_the_limits_is_a_value_error(menu: MenuContent) -> None:
    with pytest.raises(ValueError, match=r"choices|bytes"):
        check_menu(menu)


# ── understanding ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("shown", "understood"),
    [
        ("怎么还不发货[发怒]", "怎么还不发货 生气"),
        ("怎么还不发货/::@快点", "怎么还不发货 生气 快点"),
        ("好用[强][强]", "好用 很好 很好"),
        ("在吗[微笑]", "在吗"),
        ("在吗/::)", "在吗"),
        ("[订单]呢[图片]", "[订单]呢[图片]"),
        ("订单号：１２３４５６ＡＢ", "订单号：123456AB"),
        ("多少钱？（含税），好！", "多少钱？（含税），好！"),
        ("￥１２９．００", "¥129.00"),
        ("退\u200b货\ufeff\u2060", "退货"),
        ("a\x00b\x08c", "abc"),
        ("  多 \u3000 空\n\n\n格\t ", "多 空 格"),
        ("ｽｷﾝｹｱ", "スキンケア"),
        ("谢谢……", "谢谢……"),
        ("❤️好", "❤好"),
        ("", ""),
    ],
)
def test_only_what_matters_is_left(shown: str, understood: str) -> None:
    assert for_understanding(shown) == understood


@pytest.mark.parametrize("code", sorted(MEANINGS))
def test_every_known_code_is_understood_and_kept_whole(code: str) -> None:
    assert for_understanding(f"好{code}吗") == " ".join(part for part in ("好", MEANINGS[code], "吗") if part)
    assert all(code in piece for piece in split_text(f"{code}好{code}", size(code) + 3))


@given(st.text(max_size=200))
def test_understanding_takes_any_text(text: str) -> None:
    understood = for_understanding(text)
    assert understood == " ".join(understood.split())
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in understood)

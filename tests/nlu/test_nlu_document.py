"""Is a file changed in the one place that was meant, and nowhere else?"""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu import Entity, Example, NluDocument, NotWritable, TrainingDataError, read_document, read_documents

TOP = Path(__file__).resolve().parents[2]
VARIANTS = TOP / "tests/nlu/rasa_variants"
FILES = [*sorted(VARIANTS.rglob("*.y*ml")), *sorted((TOP / "examples/cosmetics/intents").glob("*.yml"))]


def changed(before: NluDocument, after: NluDocument) -> list[str]:
    """The lines taken away (-) and added (+)."""
    compared = difflib.ndiff(before.text.splitlines(), after.text.splitlines())
    return [line for line in compared if line.startswith(("+", "-"))]


def document(text: str) -> NluDocument:
    return NluDocument(Path("nlu.yml"), text)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_saving_what_was_read_changes_no_byte(file: Path, tmp_path: Path) -> None:
    read = read_document(file)
    copy = NluDocument(tmp_path / file.name, read.text)
    copy.save()
    assert copy.file.read_bytes() == file.read_bytes()


def test_line_ends_and_the_byte_order_mark_stay(tmp_path: Path) -> None:
    file = tmp_path / "nlu.yml"
    file.write_bytes("\ufeffversion: '3.1'\r\nnlu:\r\n- intent: greet\r\n  examples: |\r\n    - 你好\r\n".encode())
    more = read_document(file).with_examples("greet", [Example("在吗", "greet")])
    more.save()
    assert file.read_bytes().decode().endswith("    - 你好\r\n    - 在吗\r\n")
    assert file.read_bytes().startswith(b"\xef\xbb\xbfversion")
    assert [each.text for each in read_document(file).data.examples] == ["你好", "在吗"]


def test_an_example_is_added_behind_those_of_its_intent() -> None:
    before = read_document(VARIANTS / "mixed.yml")
    city = Example("退上海那单", "refund", (Entity("city", 1, 3, "上海"),))
    after = before.with_examples("refund", [city, Example("能退不", "refund")])
    assert changed(before, after) == ["+     - 退[上海](city)那单", "+     - 能退不"]
    assert after.data.examples[-2:] == (city, Example("能退不", "refund"))


def test_an_example_is_added_to_a_list_with_what_it_carries() -> None:
    before = read_document(VARIANTS / "list_and_metadata.yml")
    after = before.with_examples("rate", [Example("差\n劲", "rate", metadata={"sentiment": "negative"})])
    assert changed(before, after) == [
        '+       - text: "差\\u000a劲"',
        '+         metadata: {"sentiment": "negative"}',
    ]
    assert after.data.metadata == before.data.metadata


def test_what_a_block_cannot_hold_gets_an_entry_of_its_own() -> None:
    before = read_document(VARIANTS / "block.yml")
    after = before.with_examples("goodbye", [Example("走了\n拜拜", "goodbye")])
    assert changed(before, after) == ["+ - intent: goodbye", "+   examples:", '+   - text: "走了\\u000a拜拜"']
    assert after.data.examples[-1].text == "走了\n拜拜"


def test_a_new_intent_comes_last_in_its_list_and_before_other_keys() -> None:
    before = read_document(VARIANTS / "mixed.yml")
    after = before.with_examples("greet", [Example("你好", "greet")]).with_words("lookup", "city", ["上海"])
    assert after.text.index("- intent: greet\n  examples: |") < after.text.index("- lookup: city")
    assert after.text.index("- lookup: city") < after.text.index("rules:")
    assert after.data.lookups == {"city": ("上海",)}
    assert all(line.startswith("+") for line in changed(before, after))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# 还没有\n",
        "version: '3.1'\n",
        "nlu:\n",
        "version: '3.1'\nnlu: []\n",
        "nlu: ~\nrules: []\n",
        "nlu:",
        "nlu: # 意图\n",
    ],
)
def test_an_empty_file_is_begun(text: str) -> None:
    after = document(text).with_examples("greet", [Example("你好", "greet")])
    assert after.data.examples == (Example("你好", "greet"),)
    assert after.text.startswith(text.split("nlu", maxsplit=1)[0])


def test_examples_are_removed_by_their_text() -> None:
    before = read_document(VARIANTS / "entities.yml")
    after = before.without_examples("ask_weather", ["上海明天热吗", "3 件", "不在这里"])
    assert [line[2:].strip() for line in changed(before, after)] == [
        "- [上海](city)明天热吗",
        '- [3]{"entity": "count", "value": 3} 件',
    ]


def test_an_entry_of_a_list_goes_with_its_metadata() -> None:
    before = read_document(VARIANTS / "list_and_metadata.yml")
    after = before.without_examples("rate", ["还不错", "折叠的 一句话"])
    assert [(each.text, each.metadata) for each in after.data.examples] == [
        ("一般\n不过包装好", None),
        ("差评\t不会再买", "negative"),
        ("你好", None),
    ]


def test_an_intent_without_examples_goes_and_the_comments_stay() -> None:
    before = read_document(VARIANTS / "mixed.yml")
    after = before.without_examples("refund", ["我要退款", "把钱退给我"])
    assert after.data.examples == ()
    assert "# 以下是同义词\n- synonym: 退款" in after.text
    assert "# 退款\n" in after.text
    assert before.without_examples("refund", ["没有"]) == before


def test_words_are_added_and_removed() -> None:
    before = read_document(VARIANTS / "tables.yml")
    after = before.with_words("synonym", "晨露洁面乳", ["洁面乳"]).without_words(
        "regex", "order_number", [r"\d{12,24}"]
    )
    assert after.data.synonyms["晨露洁面乳"] == ("洗面奶", "洁面", "洁面乳")
    assert after.data.regexes == {"order_number": (r"[A-Z]{2}[-#]\d+(?:\.\d)?",)}
    assert after.without_words("lookup", "city", ["上海", "北京", "呼和浩特"]).data.lookups == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nlu: [{intent: a, examples: '- 一'}]\n", "brackets"),
        ("nlu:\n- intent: a\n  examples: [一, 二]\n", "`- `"),
        ('nlu:\n- intent: a\n  examples: "- 一\\n- 二"\n', "lines of their own"),
    ],
)
def test_what_is_written_in_braces_is_left_alone(text: str, says: str) -> None:
    with pytest.raises(TrainingDataError, match=says):
        document(text).with_examples("b", [Example("三", "b")]).without_examples("a", ["一"])


def test_an_example_that_cannot_be_written_changes_nothing() -> None:
    with pytest.raises(NotWritable):
        document("nlu:\n").with_examples("a", [Example("[看](这里)", "a")])


def test_a_broken_file_is_not_opened_for_change(tmp_path: Path) -> None:
    (tmp_path / "good.yml").write_text("nlu:\n- intent: a\n  examples: |\n    - 一\n", encoding="utf-8")
    assert len(read_documents(tmp_path)) == 1
    (tmp_path / "bad.yml").write_text("nlu:\n- intent: a\n", encoding="utf-8")
    with pytest.raises(TrainingDataError, match=r"bad\.yml:2"):
        read_documents(tmp_path)


texts = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="[]"), min_size=1).map(str.strip).filter(bool),
    min_size=1,
    max_size=3,
    unique=True,
)


@given(st.sampled_from(sorted(VARIANTS.rglob("*.y*ml"))), texts, st.data())
def test_adding_and_removing_gives_back_the_file(file: Path, added: list[str], data: st.DataObject) -> None:
    before = read_document(file)
    intent = data.draw(st.sampled_from([*before.data.intents, "new"]))
    known = {each.text for each in before.data.examples if each.intent == intent}
    fresh = [text for text in added if text not in known]
    after = before.with_examples(intent, [Example(text, intent) for text in fresh])
    assert sorted(each.text for each in after.data.examples) == sorted(
        [*(each.text for each in before.data.examples), *fresh]
    )
    assert after.data.synonyms == before.data.synonyms
    back = after.without_examples(intent, fresh)
    assert back.data == before.data
    if before.data.examples and before.text.endswith("\n"):
        assert back.text == before.text

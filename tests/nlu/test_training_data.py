"""Does a Rasa project's NLU data come in unchanged, and does every mistake name its line?"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu import Entity, Example, TrainingDataError, read_training_data
from nlu.entity_markup import parse_example

PROJECT = """\
version: "3.1"
nlu:
- intent: ask_weather   # a comment
  examples: |
    - [上海](city)明天热吗
    - 从[北京]{"entity": "city", "role": "from", "value": "BJ"}到[上海](city:SH)

- intent: faq/refund
  examples: |
    - 怎么退款
- intent: greet
  examples:
    - text: |
        你好
      metadata: {sentiment: neutral}
    - 在吗
- synonym: 上海
  examples: |
    - 魔都
- regex: order_no
  examples: |
    - \\d{12}
- lookup: brand
  examples: |
    - 小店
"""


def write(folder: Path, text: str, name: str = "nlu.yml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_everything_of_a_project_is_read(tmp_path: Path) -> None:
    data = read_training_data(write(tmp_path, PROJECT))
    assert data.examples == (
        Example("上海明天热吗", "ask_weather", (Entity("city", 0, 2, "上海"),)),
        Example(
            "从北京到上海",
            "ask_weather",
            (Entity("city", 1, 3, "BJ", role="from"), Entity("city", 4, 6, "SH")),
        ),
        Example("怎么退款", "faq/refund"),
        Example("你好", "greet", metadata={"sentiment": "neutral"}),
        Example("在吗", "greet"),
    )
    assert data.synonyms == {"上海": ("魔都",)}
    assert data.regexes == {"order_no": (r"\d{12}",)}
    assert data.lookups == {"brand": ("小店",)}
    assert data.intents == ("ask_weather", "faq/refund", "greet")


def test_a_folder_is_read_whole_and_other_files_add_nothing(tmp_path: Path) -> None:
    write(tmp_path, "version: '3.1'\nnlu:\n- intent: a\n  examples: |\n    - 一\n", "a.yml")
    (tmp_path / "more").mkdir()
    write(tmp_path / "more", "nlu:\n- intent: b\n  examples: |\n    - 二\n", "b.yaml")
    write(tmp_path, "version: '3.1'\nintents: [a, b]\n", "domain.yml")
    write(tmp_path, "", "empty.yml")
    assert [example.text for example in read_training_data(tmp_path).examples] == ["一", "二"]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("nlu:\n- intent: a\n  examples: |\n    - 一\n    二\n", 5, "must start with"),
        ("nlu:\n- intent: a\n", 2, "has no `examples"),
        ("nlu:\n- intent:\n  examples: |\n    - 一\n", 2, "no name"),
        ("nlu:\n- story: a\n", 2, "must name one of"),
        ("nlu: 3\n", 1, "must be a list"),
        ("- a\n", 1, "must start with `version"),
        ("version: '2.0'\nnlu: []\n", 1, "version 2.0"),
        ('nlu:\n- intent: a\n  examples: |\n    - [一]{"entity": }\n', 4, "not JSON"),
        ('nlu:\n- intent: a\n  examples: |\n    - [一]{"role": "x"}\n', 4, "names no entity"),
        ("nlu:\n- intent: a\n  examples: [\n", 4, "not valid YAML"),
        ("nlu:\n- intent: a\n  examples: |\n    \n", 3, "no example"),
    ],
)
def test_a_mistake_names_file_line_and_remedy(tmp_path: Path, text: str, line: int, says: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(TrainingDataError, match=says) as caught:
        read_training_data(file)
    assert (caught.value.file, caught.value.line) == (file, line)


def test_no_tag_builds_an_object(tmp_path: Path) -> None:
    file = write(tmp_path, "nlu: !!python/object/apply:os.system ['echo']\n")
    with pytest.raises(TrainingDataError):
        read_training_data(file)


def test_a_file_that_is_not_utf8_or_not_there_says_so(tmp_path: Path) -> None:
    file = tmp_path / "gb.yml"
    file.write_bytes("nlu: 中文".encode("gb18030"))
    with pytest.raises(TrainingDataError, match="UTF-8"):
        read_training_data(file)
    with pytest.raises(TrainingDataError, match="cannot be read"):
        read_training_data(tmp_path / "none.yml")


plain = st.text(alphabet=st.characters(exclude_characters="[](){}", codec="utf-8"), max_size=8)
words = st.text(alphabet="上海北京abc1", min_size=1, max_size=5)


@given(st.lists(st.tuples(plain, words), max_size=5), plain)
def test_spans_point_at_the_words(pieces: list[tuple[str, str]], rest: str) -> None:
    annotated = "".join(f"{before}[{word}](thing)" for before, word in pieces) + rest
    text, entities = parse_example(annotated)
    assert text == "".join(before + word for before, word in pieces) + rest
    assert [text[entity.start : entity.end] for entity in entities] == [word for _, word in pieces]

"""Does everything that can be wrong with handoff.yaml have words in both languages?"""

from __future__ import annotations

import ast
import copy
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import handoff
from handoff import FactsError, PolicyError, facts_from_json, parse_policy
from handoff.fact_file import _READER
from handoff.policy_errors import WORDS
from handoff.policy_shape import PolicyShape
from tests.handoff.policies import IN_CHINESE, policy_data
from tests.handoff.test_policy_sections import YAML

ENGLISH, CHINESE = WORDS["en"]["problems"], WORDS["zh"]["problems"]
# What pydantic may find (https://docs.pydantic.dev/latest/errors/validation_errors/), by the kind of a schema's node;
# functions are our own validators, and what they raise is named in the sources.
FOUND: Final[Mapping[str, frozenset[str]]] = {
    "str": frozenset({"string_type"}),
    "int": frozenset({"int_type", "int_parsing", "int_parsing_size", "int_from_float", "finite_number"}),
    "float": frozenset({"float_type", "float_parsing", "finite_number"}),
    "bool": frozenset({"bool_type", "bool_parsing"}),
    "dict": frozenset({"dict_type"}),
    "tuple": frozenset({"tuple_type", "missing", "too_long"}),
    "literal": frozenset({"literal_error"}),
    "enum": frozenset({"enum"}),
    "model": frozenset({"model_type"}),
    "model-fields": frozenset({"missing", "extra_forbidden", "invalid_key"}),
    "dataclass": frozenset({"dataclass_type"}),
    "dataclass-args": frozenset({"dataclass_type", "unexpected_keyword_argument"}),
    "date": frozenset(),  # only what `_day` made of it comes there
}
WITHOUT = {"any", "default", "nullable", "definitions", "definition-ref", "function-before", "function-after",
           "model-field", "dataclass-field"}  # fmt: skip
BOUNDS = {"gt": "greater_than", "ge": "greater_than_equal", "lt": "less_than", "le": "less_than_equal"}
LENGTHS = {"str": ("string_too_short", "string_too_long"), "": ("too_short", "too_long")}
SOURCES = ("policy_checks", "rule_checks", "shape", "time_shape")


def names(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


def test_both_languages_know_the_same_kinds_and_name_the_same_values() -> None:
    assert ENGLISH.keys() == CHINESE.keys()
    for kind, words in CHINESE.items():
        assert IN_CHINESE.search(words), kind
        told = names(ENGLISH[kind]) - {"told"} if kind != "other" else names(ENGLISH[kind])
        assert {"expected" if name == "choices" else name for name in names(words)} == told, kind


def nodes(schema: object) -> Iterator[Mapping[str, Any]]:
    """Every node of a core schema."""
    if isinstance(schema, Mapping):
        if isinstance(schema.get("type"), str):
            yield schema
        for name, each in schema.items():
            if name not in {"serialization", "metadata", "default", "function"}:
                yield from nodes(each)
    elif isinstance(schema, list | tuple):
        for each in schema:
            yield from nodes(each)


@pytest.mark.parametrize("schema", [PolicyShape.__pydantic_core_schema__, _READER.core_schema])
def test_whatever_the_shapes_refuse_has_words(schema: object) -> None:
    found = 0
    for node in nodes(schema):
        kind, bounds = node["type"], {name for bound, name in BOUNDS.items() if bound in node}
        assert kind in FOUND or kind in WITHOUT, f"say in FOUND what pydantic may find at a {kind}"
        short, long = LENGTHS.get(kind, LENGTHS[""])
        lengths = {short} if "min_length" in node else set()
        lengths |= {long} if "max_length" in node else set()
        pattern = {"string_pattern_mismatch"} if "pattern" in node else set()
        assert FOUND.get(kind, frozenset()) | bounds | lengths | pattern <= ENGLISH.keys(), node
        # these words are written for one bound and one pattern
        assert "min_length" not in node or node["min_length"] == 1
        assert "pattern" not in node or node["pattern"] == r"^[^*]*\*?$"
        found += 1
    assert found > len(FOUND)


def literals(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(kind)):
            yield kind
        case ast.IfExp(body=body, orelse=orelse):
            yield from (*literals(body), *literals(orelse))
        case _:  # worked out elsewhere
            pass


def test_whatever_the_checks_find_has_words_and_no_words_are_left_over() -> None:
    raised, written = set(), set()
    for source in SOURCES:
        tree = ast.parse((Path(handoff.__file__).parent / f"{source}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id="problem_at"), args=[_, _, kind, *_]):
                    raised |= set(literals(kind))
                case ast.Call(func=ast.Name(id="mistake"), args=[kind]):
                    raised |= set(literals(kind))
                case ast.Constant(value=str(value)):
                    written.add(value)
                case _:
                    pass
    assert len(raised) > 20  # the search finds them
    assert raised <= ENGLISH.keys()
    pydantics = set().union(*FOUND.values(), BOUNDS.values(), *LENGTHS.values())
    assert ENGLISH.keys() - pydantics - {"string_pattern_mismatch", "other"} <= written


STRANGE: Final[st.SearchStrategy[object]] = st.sampled_from((
    None, True, -1, 0, 3, 1.5, math.nan, math.inf, "", " ", "x", "x" * 200, "9" * 5000, "a*b", "10", "0s", "2026-13-01",
    [], [None], ["x", "x"], {}, {"x": 1}, {"": []}, {1: 2}, {"mon": ["25:00-26:00"]}, {"daily": ["22:00-30:00"]},
))  # fmt: skip


def places(data: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(data, dict):
        for key in data:
            yield from places(data[key], (*path, key))
    elif isinstance(data, list):
        for at in range(len(data)):
            yield from places(data[at], (*path, at))


PLACES = list(places(policy_data(YAML)))


@settings(max_examples=60)
@given(st.sampled_from(PLACES), STRANGE, st.sampled_from(("replaced", "added", "removed")))
def test_no_strange_value_anywhere_is_refused_without_words(path: tuple[Any, ...], value: object, how: str) -> None:
    data = copy.deepcopy(policy_data(YAML))
    holder: Any = data
    for part in path[:-1]:
        holder = holder[part]
    if how == "replaced":
        holder[path[-1]] = value
    elif how == "removed":
        del holder[path[-1]]
    elif isinstance(holder, list):
        holder.append(value)
    else:
        holder[str(value)] = value
    try:
        parse_policy(data)
    except PolicyError as error:
        for problem in error.problems:
            assert problem.kind != "other", problem
            assert problem.remedy
            assert IN_CHINESE.search(problem.said("zh"))


def test_a_mistake_in_facts_has_chinese_words_too() -> None:
    with pytest.raises(FactsError) as caught:
        facts_from_json({"sentiment": 7, "txt": ""})
    assert [each.said("zh") for each in caught.value.problems] == ["不能大于 1", "这里没有这一项，请改正拼写，或去掉它"]


def test_what_nobody_foresaw_is_said_as_it_is_told() -> None:
    problem = handoff.Problem("teams", "other", {"told": "strange"})
    assert (problem.remedy, problem.said("zh")) == ("strange", "写法不对（strange）")
    assert handoff.Problem("", "missing").place("zh") == "整个文件"

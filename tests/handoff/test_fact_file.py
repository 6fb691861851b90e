"""Do facts survive being written down, without her words, and are mistakes named?"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff import Facts, FactsError, facts_from_json, facts_to_json

shares = st.floats(0, 1)
words = st.lists(st.text(max_size=5), max_size=3).map(tuple)
facts = st.builds(
    Facts,
    text=st.text(max_size=5),
    intent=st.text(max_size=5),
    confidence=shares,
    choice=st.text(max_size=5),
    failures=st.integers(0, 9),
    best_probability=shares,
    stage=st.none() | st.text(max_size=5),
    category=words,
    channel=st.text(max_size=5),
    tags=words,
    urgency=shares,
    sentiment=st.floats(-1, 1),
    engine_failed=st.booleans(),
    moods=st.lists(st.floats(-1, 1), max_size=2).map(tuple),
    urged=st.integers(0, 3),
    source=st.text(max_size=5),
    region=words,
    position=st.none() | st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
    goods=words,
    entities=st.dictionaries(st.text(max_size=3), st.text(max_size=3)),
    open_now=st.none() | st.booleans(),
    language=st.sampled_from(("zh", "en", "other")),
    promises=st.integers(0, 3),
)


@given(facts)
def test_all_but_the_text_comes_back(known: Facts) -> None:
    kept = json.loads(json.dumps(facts_to_json(known)))
    assert "text" not in kept
    assert facts_from_json(kept) == replace(known, text="")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"txt": "转人工"}, "txt: is not known here"),
        ({"confidence": 3}, "confidence: Input should be less than or equal to 1"),
        ({"tags": "VIP"}, "tags: Input should be a valid tuple"),
        ({"position": [91, 0]}, "position[0]: Input should be less than or equal to 90"),
        ({"moods": [0.1, -2]}, "moods[1]: Input should be greater than or equal to -1"),
        ({"entities": ["order_number"]}, "entities: Input should be a valid"),
        ({"failures": -1}, "failures: Input should be greater than or equal to 0"),
        ([], "must be an object"),
    ],
)
def test_mistakes_are_named(data: object, said: str) -> None:
    with pytest.raises(FactsError) as caught:
        facts_from_json(data)
    assert said in str(caught.value)

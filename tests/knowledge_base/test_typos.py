"""Does the search survive the wrong characters of the right sound?"""

from __future__ import annotations

import pytest

from benchmarks.kb_quality import encoder_alone, measure, shop
from benchmarks.texts import PACK
from benchmarks.typos import mistyped
from nlu import RememberingEncoder


def test_a_share_of_the_characters_is_replaced_by_others_of_one_sound() -> None:
    text = "请问你们什么时候可以发货呢，我很着急"
    wrong = mistyped(text, 0.5, seed=1)
    changed = [(before, after) for before, after in zip(text, wrong, strict=True) if before != after]
    assert 7 <= len(changed) <= 9
    assert mistyped(text, 0.5, seed=1) == wrong
    assert mistyped(text, 0, seed=1) == text
    assert mistyped("OK 123 😀", 1, seed=1) == "OK 123 😀"


def test_mistakes_cost_little_and_the_peers_are_beaten(encoder: RememberingEncoder) -> None:
    _, single = shop([PACK / "scripts" / f"{name}.yaml" for name in ("invoices", "shipping", "returns_and_refunds")])
    results = {
        (each.name.partition(": ")[2], each.peer): each
        for each in measure(single, encoder, {"encoder": encoder_alone(encoder)})
    }
    ours = results["recall@1", "encoder"]
    assert ours.peer_value is not None
    assert ours.value > ours.peer_value
    assert results["recall@1 lost to 10 % homophones", ""].value < 0.1
    assert results["right where ≥ 0.95", ""].value == pytest.approx(1, abs=0.05)

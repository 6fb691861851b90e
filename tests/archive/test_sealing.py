"""Does a sealed value open with its key in its place, and nowhere else?"""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import DataKey, KeyLost, KeyRing, KeyRingBroken, Unsealable, new_secret, opened, sealed_of
from tests.archive_keys import KEYS

BODIES = st.dictionaries(st.text(), st.text() | st.integers() | st.booleans() | st.none() | st.lists(st.text()))


def key() -> DataKey:
    return DataKey(1, new_secret())


@given(st.text(), BODIES, st.text(), st.text())
def test_what_was_sealed_opens_in_its_place(text: str, body: dict[str, object], source: str, source_id: str) -> None:
    hers = key()
    sealed = sealed_of(hers, source, source_id, text, body)
    assert opened(hers, source, source_id, sealed) == (text, body)
    assert sealed != sealed_of(hers, source, source_id, text, body)


@given(st.text(), st.text(), st.text())
def test_in_another_place_it_does_not_open(text: str, source_id: str, other: str) -> None:
    hers = key()
    sealed = sealed_of(hers, "inbox:shop", source_id, text, {})
    if other != source_id:
        with pytest.raises(Unsealable):
            opened(hers, "inbox:shop", other, sealed)
    with pytest.raises(Unsealable):
        opened(hers, "inbox:corp", source_id, sealed)


@given(st.binary(max_size=100))
def test_another_key_does_not_open_it(plain: bytes) -> None:
    with pytest.raises(Unsealable):
        key().open(b"here", key().seal(b"here", plain))


@given(st.binary(max_size=40), st.data())
def test_what_was_cut_or_altered_does_not_open(plain: bytes, data: st.DataObject) -> None:
    hers = key()
    sealed = hers.seal(b"here", plain)
    length = data.draw(st.integers(0, len(sealed) - 1))
    with pytest.raises(Unsealable):
        hers.open(b"here", sealed[:length])
    with pytest.raises(Unsealable):
        hers.open(b"here", sealed[:length] + bytes([sealed[length] ^ 1]) + sealed[length + 1 :])


@given(st.text(max_size=20))
def test_a_lone_surrogate_survives(text: str) -> None:
    hers = key()
    assert opened(hers, "a", "b", sealed_of(hers, "a", "b", "\ud83d" + text, {})) == ("\ud83d" + text, {})


def test_a_wrapped_key_opens_for_its_subject_only() -> None:
    ring = KeyRing.of(KEYS, "k2")
    hers = new_secret()
    kek, wrapped = ring.wrap("shop/c/amy", hers)
    assert (kek, ring.unwrap(kek, "shop/c/amy", wrapped)) == ("k2", hers)
    with pytest.raises(Unsealable):
        ring.unwrap(kek, "shop/c/bob", wrapped)
    with pytest.raises(Unsealable):
        ring.unwrap("k1", "shop/c/amy", wrapped)
    with pytest.raises(KeyLost, match=r"'k9'.*archive\.keys\.k9"):
        ring.unwrap("k9", "shop/c/amy", wrapped)


@pytest.mark.parametrize(
    ("keys", "newest", "says"),
    [
        ({}, "", "not among archive.keys"),
        ({"k1": KEYS["k1"]}, "k2", r"'k2' is not among archive.keys \(k1\)"),
        ({"k1": "short"}, "k1", "openssl rand -base64 32"),
        ({"k1": base64.b64encode(b"x" * 16).decode()}, "k1", "must be 32 bytes"),
        ({"K-1": KEYS["k1"]}, "K-1", "no id of a key"),
    ],
)
def test_a_ring_that_cannot_be_used_says_why(keys: dict[str, str], newest: str, says: str) -> None:
    with pytest.raises(KeyRingBroken, match=says):
        KeyRing.of(keys, newest)


def test_no_key_shows_when_it_is_printed() -> None:
    ring = KeyRing.of({"k1": KEYS["k1"]}, "k1")
    assert repr(ring) == "KeyRing(newest='k1')"
    assert repr(new_secret()) == "Secret()"

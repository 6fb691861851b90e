"""What do the tests of the library share? The real encoder, and the snapshot of one small shop."""

from __future__ import annotations

import pytest

from knowledge_base import Snapshot, build_snapshot
from nlu import BundledEncoder, RememberingEncoder, general_negatives
from tests.knowledge_base.samples import SHOP

NEGATIVES = general_negatives()[::4]


@pytest.fixture(scope="session")
def encoder() -> RememberingEncoder:
    return RememberingEncoder(BundledEncoder())


@pytest.fixture(scope="session")
def shop(encoder: RememberingEncoder) -> Snapshot:
    return build_snapshot(SHOP, encode=encoder.encode, encoder=encoder.fingerprint, folder=None, negatives=NEGATIVES)

"""Which tests wait for `make test WITH=all`, and what do they say until then?"""

from __future__ import annotations

import os

import pytest

ALL = os.environ.get("XIAOER_TEST_WITH") == "all"

needs_sentence_transformers = pytest.mark.skipif(
    not ALL, reason="needs the extra sentence-transformers: make test WITH=all installs it and runs this"
)

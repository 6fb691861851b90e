"""How do tests get the stand-in for Tencent's library? Built once a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from benchmarks.children import BenchImpossible
from benchmarks.finance import ArchivedCorp, build_library, new_key


@pytest.fixture(scope="session")
def finance_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of the library."""
    try:
        return build_library(tmp_path_factory.mktemp("finance"))
    except BenchImpossible as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def rsa_keys() -> Mapping[int, rsa.RSAPrivateKey]:
    """Private keys of two versions; they take their time to make."""
    return {1: new_key(), 2: new_key()}


@pytest.fixture
def corp(tmp_path: Path, finance_library: Path, rsa_keys: Mapping[int, rsa.RSAPrivateKey]) -> ArchivedCorp:
    """A corp whose archive is empty."""
    return ArchivedCorp(tmp_path / "wecom", finance_library, rsa_keys)

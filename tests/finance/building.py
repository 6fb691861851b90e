"""How is the tests' library built? With the machine's C compiler, once a run."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.finance.corp import ArchivedCorp, new_key

SOURCE = Path(__file__).with_name("finance_sdk.c")


@pytest.fixture(scope="session")
def finance_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of the library."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler (cc) on this machine: the Finance SDK's stand-in cannot be built")
    built = tmp_path_factory.mktemp("finance") / "libfinance_sdk.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(built), str(SOURCE)], check=True, capture_output=True)
    return built


@pytest.fixture(scope="session")
def rsa_keys() -> Mapping[int, rsa.RSAPrivateKey]:
    """Private keys of two versions; they take their time to make."""
    return {1: new_key(), 2: new_key()}


@pytest.fixture
def corp(tmp_path: Path, finance_library: Path, rsa_keys: Mapping[int, rsa.RSAPrivateKey]) -> ArchivedCorp:
    """A corp whose archive is empty."""
    return ArchivedCorp(tmp_path / "wecom", finance_library, rsa_keys)

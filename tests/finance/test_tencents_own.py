"""Does Tencent's own library bear us, where it is at hand? XIAOER_FINANCE_SDK names its .so; else these are skipped."""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.finance import FinanceSdk, KeyOpener, NotOpened, PrivateKeys, SdkAccess, SdkRefused, Sealed
from benchmarks.finance.corp import QUICK, new_key, pem
from tests.finance.conftest import Naps

LIBRARY = os.environ.get("XIAOER_FINANCE_SDK", "")
pytestmark = [
    pytest.mark.local_data,
    pytest.mark.skipif(not LIBRARY, reason="XIAOER_FINANCE_SDK names no libWeWorkFinanceSdk_C.so"),
]
RANDOM_KEY = b"0123456789abcdef0123456789abcdef"


@pytest.fixture
async def real(naps: Naps, deaths: list[str]) -> AsyncIterator[FinanceSdk]:
    made = FinanceSdk(SdkAccess(LIBRARY, "ww0123456789abcdef", "a-secret"), QUICK, sleep=naps, died=deaths.append)
    yield made
    await made.aclose()


async def test_it_has_every_function_and_starts_without_network(real: FinanceSdk) -> None:
    await real.ready()


async def test_it_refuses_a_page_above_1000_by_itself(real: FinanceSdk) -> None:
    with pytest.raises(SdkRefused, match="10000") as refused:
        await real.chat(0, 1001)
    assert not refused.value.retryable


async def test_without_network_it_may_be_tried_again(real: FinanceSdk) -> None:
    with pytest.raises(SdkRefused, match="10001") as refused:
        await real.chat(0, 1000)
    assert refused.value.retryable


async def test_a_key_that_is_none_is_10008(real: FinanceSdk, deaths: list[str]) -> None:
    message = base64.b64encode(bytes(64)).decode()
    assert await real.decrypt([Sealed(b"no key at all", message)]) == [NotOpened("refused", 10008)]
    assert deaths == []


async def test_the_private_key_of_another_version_opens_nothing(
    real: FinanceSdk, naps: Naps, deaths: list[str]
) -> None:
    """OpenSSL may answer a wrong key with random bytes: then the library must be the one to say no."""
    sealed = base64.b64encode(new_key().public_key().encrypt(RANDOM_KEY, padding.PKCS1v15())).decode()
    wrong = KeyOpener(PrivateKeys({1: pem(new_key())}, {}), QUICK, sleep=naps)
    opened = [each if isinstance(each, bytes) else b"refused" for each in await wrong.open([(1, sealed)] * 3)]
    await wrong.aclose()
    message = base64.b64encode(bytes(64)).decode()
    outcomes = await real.decrypt([Sealed(key, message) for key in opened])
    assert all(isinstance(each, NotOpened) for each in outcomes)
    assert deaths == []


async def test_a_key_of_padding_cannot_kill_it(real: FinanceSdk, deaths: list[str]) -> None:
    message = base64.b64encode(bytes(64)).decode()
    padding_only = [b"a" * letters + b"=" * size for letters in range(5) for size in range(1, 50)]
    outcomes = await real.decrypt([Sealed(key, message) for key in padding_only])
    assert set(outcomes) == {NotOpened("malformed")}
    assert deaths == []


async def test_a_short_message_cannot_kill_it(real: FinanceSdk, deaths: list[str]) -> None:
    shorter = [base64.b64encode(bytes(size)).decode() for size in range(9)]
    assert set(await real.decrypt([Sealed(RANDOM_KEY, each) for each in shorter])) == {NotOpened("malformed")}
    assert deaths == []


@given(
    st.binary(min_size=9, max_size=200),
    st.binary(min_size=1, max_size=64) | st.text("=ab\n", min_size=1, max_size=64).map(str.encode),
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_what_is_long_enough_never_kills_it(real: FinanceSdk, deaths: list[str], data: bytes, key: bytes) -> None:
    (outcome,) = await real.decrypt([Sealed(key, base64.b64encode(data).decode())])
    assert outcome is not None
    assert deaths == []

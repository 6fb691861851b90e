"""Whose WeCom session archive do we read, and with what: the library's processes, private keys, settings?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from prometheus_client import Counter

from archive.finance import FinanceSdk, KeyOpener, PrivateKeys, SdkAccess, SdkLimits
from bot.archive_settings import ArchivePullSettings
from bot.settings import Account, ArchiveAccess, WeComCorp

DEATHS = Counter(
    "xiaoer_archive_sdk_deaths_total", "Processes of the Finance SDK, or of its private keys, that ended", ["account"]
)
_log = structlog.get_logger()


@dataclass(slots=True)
class Source:
    """One account's archive. Keys are read at the first use.

    sdk: for messages. files: for media, a process of its own, so that neither waits for the other. opener: what opens
    random keys with the private keys.
    """

    account: str
    access: ArchiveAccess
    sdk: FinanceSdk
    files: FinanceSdk
    opener: Callable[[PrivateKeys], KeyOpener]
    _keys: KeyOpener | None = None

    async def keys(self) -> KeyOpener:
        """The private keys named in the settings; one that cannot be used is named once in the log."""
        if self._keys is None:
            keys = await asyncio.to_thread(PrivateKeys.read, named_keys(self.access))
            for version, why in keys.unusable.items():
                _log.error("archive.key_unusable", account=self.account, version=version, why=why)
            self._keys = self.opener(keys)
        return self._keys

    async def aclose(self) -> None:
        """End its processes."""
        await self.sdk.aclose()
        await self.files.aclose()
        if self._keys is not None:
            await self._keys.aclose()


def archived(accounts: Sequence[Account]) -> dict[str, tuple[WeComCorp, ArchiveAccess]]:
    """The accounts whose session archive is read, by name."""
    return {
        each.name: (each, each.archive) for each in accounts if isinstance(each, WeComCorp) and each.archive is not None
    }


def named_keys(access: ArchiveAccess) -> dict[int, str]:
    """Version → PEM or path, as the settings name them."""
    return {version: key.get_secret_value() for version, key in access.private_keys.items()}


def build_sources(
    accounts: Sequence[Account], settings: ArchivePullSettings, sleep: Callable[[float], Awaitable[object]]
) -> Mapping[str, Source]:
    """A source for each account that has an archive; nothing is started yet."""
    return {
        name: Source(
            name,
            access,
            sdk=build_sdk(corp, access, settings, sleep),
            files=build_sdk(corp, access, settings, sleep),
            opener=partial(KeyOpener, limits=_limits(settings), sleep=sleep, died=_deaths_of(name, "keys")),
        )
        for name, (corp, access) in archived(accounts).items()
    }


def build_sdk(
    corp: WeComCorp,
    access: ArchiveAccess,
    settings: ArchivePullSettings,
    sleep: Callable[[float], Awaitable[object]],
) -> FinanceSdk:
    """The library for one corp."""
    return FinanceSdk(
        SdkAccess(
            library=str(access.library.absolute()),
            corp_id=corp.corp_id,
            secret=access.secret.get_secret_value(),
            proxy=access.proxy,
            proxy_password=access.proxy_password.get_secret_value(),
        ),
        _limits(settings),
        sleep=sleep,
        died=_deaths_of(corp.name, "library"),
    )


def _limits(settings: ArchivePullSettings) -> SdkLimits:
    return SdkLimits(settings.timeout_s, settings.decrypt_s, settings.answer_bytes)


def _deaths_of(account: str, process: str) -> Callable[[str], None]:
    def died(how: str) -> None:
        DEATHS.labels(account=account).inc()
        _log.warning("archive.process_died", account=account, process=process, how=how)

    return died

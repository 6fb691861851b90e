"""Under which keys is the archive of the tests sealed?"""

from __future__ import annotations

import base64

from pydantic import SecretStr

from archive import KeyRing
from bot.archive_settings import ArchiveSettings

KEYS = {name: base64.b64encode(bytes([number]) * 32).decode() for number, name in enumerate(("k1", "k2", "k3"), 1)}
TEST_RING = KeyRing.of({"k1": KEYS["k1"]}, "k1")
TEST_ARCHIVE = ArchiveSettings(key="k1", keys={"k1": SecretStr(KEYS["k1"])})

"""What is given to the library, and what comes back from it?"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SdkAccess:
    """What the library needs to act for one corp. library: absolute path of the .so the merchant downloaded."""

    library: str
    corp_id: str
    secret: str = field(repr=False)
    proxy: str = ""
    proxy_password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SdkLimits:
    """Seconds and bytes. timeout_s: of the library's own calls. decrypt_s: one message. answer_bytes: one answer."""

    timeout_s: int = 30
    decrypt_s: float = 10.0
    answer_bytes: int = 64 * 1024 * 1024
    backoff_s: float = 0.2
    backoff_cap_s: float = 30.0


@dataclass(frozen=True, slots=True, repr=False)
class Sealed:
    """What DecryptData takes: the opened random key, and the ciphertext in base64."""

    key: bytes
    message: str


@dataclass(frozen=True, slots=True)
class NotOpened:
    """Why one message stays closed. reason: as in codes.toml; code: the SDK's, 0 where it said none."""

    reason: str
    code: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class FileChunk:
    """A piece of a file. index: what asks for the next one."""

    data: bytes
    index: str
    finished: bool

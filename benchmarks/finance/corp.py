"""What does a corp's session archive hold? Messages that lie in a folder, sealed as WeCom seals them."""

from __future__ import annotations

import base64
import itertools
import json
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from archive.finance import SdkAccess, SdkLimits
from bot.settings import ArchiveAccess

CUSTOMER = "wmErxtDgAA9AW32YyyuYRimKr7D1KWlw"
OTHER = "wmErxtDgAA_another_outsider_0001"
MEMBER, COLLEAGUE = "lina", "wongli"  # the second begins like an outsider's id, and is none
ROOM = "wrErxtDgAA_a_group_of_customers1"
ROBOT = "wbErxtDgAA_robot"
NOON_MS = 1_772_366_400_000  # 2026-03-01 12:00 UTC
QUICK = SdkLimits(timeout_s=20, decrypt_s=20.0, backoff_s=0.5, backoff_cap_s=4.0)


def pem(key: rsa.RSAPrivateKey) -> str:
    """As `openssl genrsa` writes it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def new_key() -> rsa.RSAPrivateKey:
    """A private key as WeCom asks for: RSA, 2048 bits."""
    return rsa.generate_private_key(65537, 2048)


@dataclass
class ArchivedCorp:
    """What the library of finance_sdk.c finds. keys: private keys by version."""

    folder: Path
    library: Path
    keys: Mapping[int, rsa.RSAPrivateKey]
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        for name in ("chat", "media"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    # ── what happens in WeCom ────────────────────────────────────────────────────────────────

    def says(
        self, text: str, *, speaker: str = CUSTOMER, to: str = MEMBER, at_ms: int = NOON_MS, room: str = ""
    ) -> str:
        """Somebody writes a text; its msgid."""
        return self.sends("text", {"text": {"content": text}}, speaker=speaker, to=to, at_ms=at_ms, room=room)

    def sends(
        self,
        msgtype: str,
        more: Mapping[str, object],
        *,
        speaker: str = CUSTOMER,
        to: str = MEMBER,
        at_ms: int = NOON_MS,
        room: str = "",
        action: str = "send",
        internal: bool = False,
    ) -> str:
        """Any message; its msgid."""
        seq = next(self._numbers)
        msgid = f"{seq:010d}" + ("" if internal else "_external")
        message = {
            "msgid": msgid, "action": action, "from": speaker, "tolist": [to], "roomid": room, "msgtime": at_ms,
            "msgtype": msgtype, **more,
        }  # fmt: skip
        self.seals(json.dumps(message, ensure_ascii=False).encode(), seq=seq, msgid=msgid)
        return msgid

    def seals(self, plain: bytes, *, seq: int = 0, msgid: str = "", version: int = 1) -> str:
        """Any bytes as a message; its msgid."""
        seq = seq or next(self._numbers)
        msgid = msgid or f"{seq:010d}_external"
        self.puts(seq, self.envelope(plain, seq=seq, msgid=msgid, version=version))
        return msgid

    def envelope(self, plain: bytes, *, seq: int, msgid: str, version: int = 1) -> dict[str, object]:
        """An entry of chatdata."""
        key, message = sealed(plain)
        public = self.keys[version].public_key()
        random_key = base64.b64encode(public.encrypt(key, padding.PKCS1v15())).decode()
        return {
            "seq": seq, "msgid": msgid, "publickey_ver": version, "encrypt_random_key": random_key,
            "encrypt_chat_msg": message,
        }  # fmt: skip

    def puts(self, seq: int, entry: object) -> None:
        """Any JSON in the place of an entry."""
        (self.folder / "chat" / str(seq)).write_text(json.dumps(entry), encoding="utf-8")
        (self.folder / "last_seq").write_text(str(seq), encoding="utf-8")

    def forgets(self) -> None:
        """The platform keeps messages for some days only."""
        shutil.rmtree(self.folder / "chat")
        (self.folder / "chat").mkdir()

    def skips(self) -> int:
        """A number nobody uses."""
        return next(self._numbers)

    def has_file(self, file_id: str, data: bytes, *, broken: int = 0) -> None:
        """A file; its first `broken` transfers are damaged."""
        (self.folder / "media" / file_id).write_bytes(data)
        self.tell(f"media/{file_id}.broken", broken)

    def tell(self, name: str, number: int) -> None:
        """How the library behaves: code, every_code, init_code, abort, hang."""
        (self.folder / name).write_text(str(number), encoding="utf-8")

    # ── what the shop knows ──────────────────────────────────────────────────────────────────

    @property
    def access(self) -> SdkAccess:
        """What the library is given."""
        return SdkAccess(library=str(self.library), corp_id="ww0123456789abcdef", secret=str(self.folder))

    def settings(self, *versions: int) -> ArchiveAccess:
        """The account's settings, with the keys of these versions (all if none is named)."""
        named = {str(version): pem(self.keys[version]) for version in versions or self.keys}
        return ArchiveAccess.model_validate(
            {"secret": str(self.folder), "library": self.library, "private_keys": named}
        )


def sealed(plain: bytes) -> tuple[bytes, str]:
    """A random key, and the text under it, as finance_sdk.c opens it."""
    key = secrets.token_hex(16).encode()
    hidden = bytes(byte ^ key[at % len(key)] for at, byte in enumerate(plain))
    return key, base64.b64encode(key[:8] + hidden).decode()

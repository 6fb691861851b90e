"""How does Tencent's library run without being able to harm us? In this process, which imports nothing of ours.

It is started by its path, isolated (`python -I …/archive/finance/child.py`; `python -m archive.finance.child` does the
same), so that whatever the library does, aborts and hangs included, befalls a process that holds one secret and one
message. A second process of the same file holds the private keys and opens random keys, a millisecond of arithmetic
each, beside the event loop; a process that was given one of the two never takes the other.

The supervisor talks with it over stdin and stdout in frames: two big-endian 32-bit lengths, a head in JSON, a tail of
bytes. Each request has one answer, `decrypt` and `open` one for each item, in order, so that whoever finds the process
dead knows at which item it died; an item is one message for `decrypt`, a few random keys for `open`. ABI:
WeWorkFinanceSdk_C.h, wechat-platform §5.2.
"""

from __future__ import annotations

import binascii
import contextlib
import ctypes
import json
import os
import struct
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

LENGTHS = struct.Struct("!II")
SHORTEST_MESSAGE = 13  # a shorter encrypt_msg makes the library throw where nobody catches (§5.2)
SHORTEST_KEY = 8  # padding aside: "=", "a=", "aa=" or "====…" as encrypt_key makes v3.0 abort too, as we found by trial
KEY_BYTES = 512  # far above any key of the platform's

_POINTER, _TEXT, _INT = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
# c_void_p and string_at, never c_char_p, for what comes back: it is binary and holds zero bytes
SIGNATURES: Mapping[str, tuple[Any, Sequence[Any]]] = {
    "NewSdk": (_POINTER, ()),
    "Init": (_INT, (_POINTER, _TEXT, _TEXT)),
    "GetChatData": (
        _INT,
        (_POINTER, ctypes.c_ulonglong, ctypes.c_uint, _TEXT, _TEXT, _INT, _POINTER),
    ),
    "DecryptData": (_INT, (_TEXT, _TEXT, _POINTER)),
    "GetMediaData": (_INT, (_POINTER, _TEXT, _TEXT, _TEXT, _TEXT, _INT, _POINTER)),
    "NewSlice": (_POINTER, ()),
    "FreeSlice": (None, (_POINTER,)),
    "GetContentFromSlice": (_POINTER, (_POINTER,)),
    "GetSliceLen": (_INT, (_POINTER,)),
    "NewMediaData": (_POINTER, ()),
    "FreeMediaData": (None, (_POINTER,)),
    "GetOutIndexBuf": (_POINTER, (_POINTER,)),
    "GetIndexLen": (_INT, (_POINTER,)),
    "GetData": (_POINTER, (_POINTER,)),
    "GetDataLen": (_INT, (_POINTER,)),
    "IsMediaDataFinish": (_INT, (_POINTER,)),
}

Answer = tuple[Mapping[str, object], bytes]
Request = Mapping[str, Any]


def frame(head: Mapping[str, object], tail: bytes = b"") -> bytes:
    """Head and tail as they travel."""
    written = json.dumps(head).encode()
    return LENGTHS.pack(len(written), len(tail)) + written + tail


class Library:
    """The merchant's library with one handle. Raises OSError (no such library), AttributeError (not this ABI)."""

    def __init__(self, path: str, limit: int) -> None:
        """limit: largest answer in bytes."""
        loaded = ctypes.CDLL(path)
        for name, (result, arguments) in SIGNATURES.items():
            function = getattr(loaded, name)
            function.restype, function.argtypes = result, list(arguments)
        self._c = loaded
        self._sdk = loaded.NewSdk()
        self._limit = limit

    def init(self, corp_id: str, secret: str) -> int:
        """The library's code; 0 says nothing about the secret yet."""
        return int(self._c.Init(self._sdk, corp_id.encode(), secret.encode()))

    def chat(self, request: Request) -> Answer:
        """One page as the platform wrote it."""
        with self._slice() as into:
            code = self._c.GetChatData(
                self._sdk, request["seq"], request["limit"], *_proxy(request), request["timeout_s"], into
            )
            return self._taken(code, into)

    def decrypt(self, key: bytes, message: str) -> Answer:
        """One message. What would end this process is refused before the library sees it."""
        if not _is_key(key) or not _is_sealed(message):
            return {"error": "malformed"}, b""
        with self._slice() as into:
            code = self._c.DecryptData(key, message.encode(), into)
            return self._taken(code, into)

    def media(self, request: Request) -> Answer:
        """One chunk of a file: index (where the next one begins), finished, and the bytes."""
        into = self._c.NewMediaData()
        try:
            code = self._c.GetMediaData(
                self._sdk, request["index"].encode(), request["file"].encode(), *_proxy(request), request["timeout_s"],
                into,
            )  # fmt: skip
            if code:
                return {"code": code}, b""
            size = int(self._c.GetDataLen(into))
            if size > self._limit:
                return {"error": "too_large", "size": size}, b""
            index = _bytes_at(self._c.GetOutIndexBuf(into), int(self._c.GetIndexLen(into)))
            head = {"code": 0, "index": index.decode("latin-1"), "finished": bool(self._c.IsMediaDataFinish(into))}
            return head, _bytes_at(self._c.GetData(into), size)
        finally:
            self._c.FreeMediaData(into)

    @contextlib.contextmanager
    def _slice(self) -> Iterator[int]:
        made = self._c.NewSlice()
        try:
            yield made
        finally:
            self._c.FreeSlice(made)

    def _taken(self, code: int, slice_: int) -> Answer:
        if code:
            return {"code": code}, b""
        size = int(self._c.GetSliceLen(slice_))
        if size > self._limit:
            return {"error": "too_large", "size": size}, b""
        return {"code": 0}, _bytes_at(self._c.GetContentFromSlice(slice_), size)


class RandomKeys:
    """What opens random keys: RSA private keys by `publickey_ver`, each a PEM that is known to be one."""

    def __init__(self, pems: Mapping[str, str]) -> None:
        # the process that holds the library never loads these
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415
        from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

        self._padding = PKCS1v15()
        self._keys: Mapping[str, Any] = {
            version: load_pem_private_key(pem.encode(), password=None) for version, pem in pems.items()
        }

    def open(self, items: Sequence[tuple[int, str]]) -> Answer:
        """The random keys of some messages, each as [why not, key in base64].

        A key that does not belong to this version may also give a wrong answer instead of none (OpenSSL hides which
        it was, so that nobody can use us as an oracle); DecryptData then refuses it with 10008 or 10006.
        """
        return {"keys": [self._opened(str(version), sealed) for version, sealed in items]}, b""

    def _opened(self, version: str, sealed: str) -> tuple[str, str]:
        if version not in self._keys:
            return "waiting_key", ""
        try:
            key = self._keys[version].decrypt(binascii.a2b_base64(sealed, strict_mode=True), self._padding)
        except ValueError:  # binascii.Error is one
            return "bad_key", ""
        return "", binascii.b2a_base64(key, newline=False).decode()


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until `close` or the end of the requests. The handle is not destroyed: ending the process does that.

    DestroySdk has crashed others (§5.2), and there is nothing it could save.
    """
    library: Library | None = None
    keys: RandomKeys | None = None
    while (request := _read(requests)) is not None:
        match request["do"]:
            case "init" if keys is None:
                library, answer = _init(request)
                _write(answers, answer)
            case "keys" if library is None:
                keys = RandomKeys(request["pems"])
                _write(answers, ({}, b""))
            case "open" if keys is not None:
                for some in request["items"]:
                    _write(answers, keys.open(some))
            case "decrypt" if library is not None:
                for key, message in request["items"]:
                    _write(answers, library.decrypt(binascii.a2b_base64(key), message))
            case "chat" | "media" if library is not None:
                act: Callable[[Request], Answer] = library.chat if request["do"] == "chat" else library.media
                _write(answers, act(request))
            case _:
                return


def _init(request: Request) -> tuple[Library | None, Answer]:
    try:
        library = Library(request["library"], request["limit"])
    except OSError as error:
        return None, ({"error": "library", "detail": str(error)}, b"")
    except AttributeError as error:
        return None, ({"error": "symbol", "detail": str(error)}, b"")
    return library, ({"code": library.init(request["corp_id"], request["secret"])}, b"")


def _is_key(key: bytes) -> bool:
    """A C string of a length that the library can bear."""
    return len(key.rstrip(b"=")) >= SHORTEST_KEY and len(key) <= KEY_BYTES and b"\0" not in key


def _is_sealed(message: str) -> bool:
    """Base64 of at least the length the library can bear."""
    if len(message) < SHORTEST_MESSAGE:
        return False
    try:
        binascii.a2b_base64(message, strict_mode=True)
    except ValueError:  # binascii.Error is one; so is what is not ASCII
        return False
    return True


def _proxy(request: Request) -> tuple[bytes, bytes]:
    return request["proxy"].encode(), request["proxy_password"].encode()


def _bytes_at(address: int | None, size: int) -> bytes:
    return ctypes.string_at(address, size) if address and size > 0 else b""


def _read(requests: BinaryIO) -> Request | None:
    lengths = requests.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None  # whoever asked is gone
    head, tail = LENGTHS.unpack(lengths)
    request: Request = json.loads(requests.read(head))
    requests.read(tail)
    return request


def _write(answers: BinaryIO, answer: Answer) -> None:
    answers.write(frame(*answer))
    answers.flush()


def main() -> None:
    """Serve on stdin and stdout, which the library itself must not write to; no core dump keeps what it held."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # no such thing on Windows
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()

"""How does one HTTP exchange with a platform end? With a reply, or a clean error that tells if anything was sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp

from bot.platform.errors import Ambiguous, BadReply, PlatformError, RateLimited, Unreachable, refusal

MAX_REPLY_BYTES = 16 * 1024 * 1024  # a full page of kf/sync_msg is far below
CONNECT_S = 3.0
# raised before the first byte of the request leaves
_NOTHING_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, complete but for the token. account and call name it in errors and metrics."""

    account: str
    call: str
    method: str
    url: str
    query: Mapping[str, str]
    body: bytes | aiohttp.FormData | None = None
    headers: Mapping[str, str] | None = None


def encode_json(value: Mapping[str, object]) -> bytes:
    r"""UTF-8 as it is: official accounts show \uXXXX to the customer literally (errcode 40033 elsewhere)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def timeouts(total_s: float) -> aiohttp.ClientTimeout:
    """Connecting has its own, shorter limit: running into it proves that nothing was sent."""
    return aiohttp.ClientTimeout(total=total_s, connect=min(CONNECT_S, total_s / 2))


async def exchange(session: aiohttp.ClientSession, request: Request, timeout_s: float) -> bytes:
    """Send the request and read the whole body.

    Raises Unreachable (nothing was sent), Ambiguous (sent, no answer), BadReply (an answer that is no answer),
    RateLimited (HTTP 429).
    """
    fault: PlatformError
    try:
        async with session.request(
            request.method,
            request.url,
            params=dict(request.query),
            data=request.body,
            headers=request.headers,
            timeout=timeouts(timeout_s),
            allow_redirects=False,  # a redirect would carry the token to another host
        ) as response:
            check_status(request, response)
            return await _read(request, response)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        fault = network_fault(request, error)
    # Outside of `except`: aiohttp's exceptions hold the URL, and the URL holds the token; ours must not chain to them.
    raise fault


def network_fault(request: Request, error: Exception) -> PlatformError:
    """The clean error that stands for what the HTTP library raised."""
    kind = Unreachable if isinstance(error, _NOTHING_SENT) else Ambiguous
    return kind(request.account, request.call, f"network: {type(error).__name__}")


def check_status(request: Request, response: aiohttp.ClientResponse) -> None:
    """Platforms answer 200 even to refuse; anything else is a gateway speaking."""
    if response.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise RateLimited(request.account, request.call, _retry_after(response))
    if response.status != HTTPStatus.OK:
        raise BadReply(request.account, request.call, f"HTTP {response.status} from the gateway; check api_base")


def parse_reply(
    request: Request, body: bytes, *, known: Iterable[str], buying_token: bool = False
) -> dict[str, object]:
    """The JSON object of a reply with errcode 0 or none, whatever its content type says.

    Raises BadReply if it is no JSON object, ApiError (by the policy table) if the platform refused.
    """
    fault: PlatformError
    try:
        # strict=False: replies quote customers' texts, raw control characters included
        reply = json.loads(body, strict=False)
    except (ValueError, RecursionError):
        reply = None
    if not isinstance(reply, dict):
        raise BadReply(request.account, request.call, f"no JSON object in {len(body)} bytes; check api_base")
    code = _errcode(reply)
    if code is None:
        raise BadReply(request.account, request.call, "errcode is no number")
    if code != 0:
        fault = refusal(
            request.account, request.call, code, str(reply.get("errmsg", "")), buying_token=buying_token, known=known
        )
        raise fault
    return reply


async def _read(request: Request, response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_REPLY_BYTES:
            raise BadReply(request.account, request.call, f"a reply of more than {MAX_REPLY_BYTES} bytes")
    return bytes(body)


def _errcode(reply: Mapping[str, object]) -> int | None:
    code = reply.get("errcode", 0)
    if isinstance(code, str) and code.lstrip("-").isdecimal():
        return int(code)
    return code if isinstance(code, int) else None


def _retry_after(response: aiohttp.ClientResponse) -> float:
    said = response.headers.get("Retry-After", "")
    return float(said) if said.isdecimal() else 1.0

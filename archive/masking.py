"""How does a text look when nothing in it tells who somebody is?

What shape alone gives away is found here; what takes knowledge of the world (addresses, order numbers) is the caller's
to find, and comes in as spans. `bot.masking` is both together.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Final

_LABELS: Final[dict[str, str]] = tomllib.loads(files("archive").joinpath("masks.toml").read_text(encoding="utf-8"))
KINDS: Final = frozenset(_LABELS)
_ALONE, _NO_MORE = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999 (ISO 7064, MOD 11-2)
_ID_CHECKS: Final = "10X98765432"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text that tells who somebody is. kind: one of KINDS."""

    start: int
    end: int
    kind: str


def mask(text: str, find: Callable[[str], Iterable[Span]] = lambda _: ()) -> str:
    """`text` with all that tells who somebody is replaced by what it is, as 〔电话〕; again changes nothing more.

    find: what else is found in a text, by the caller's knowledge.
    """
    while found := list(_chosen(text, find)):  # what stood beside something masked may now stand alone
        for each in reversed(found):
            text = f"{text[: each.start]}{_LABELS[each.kind]}{text[each.end :]}"
    return text


def _chosen(text: str, find: Callable[[str], Iterable[Span]]) -> Iterator[Span]:
    """Of spans that overlap the first one found; by where they start."""
    seen = _narrow(text)
    taken: list[Span] = []
    for spans in (_certain(seen), find(text), _likely(seen)):
        for span in spans:
            if all(span.end <= other.start or other.end <= span.start for other in taken):
                taken.append(span)
    return iter(sorted(taken, key=lambda span: span.start))


def _narrow(text: str) -> str:
    """Full width as half width, character by character: spans stay where they are."""
    if text.isascii():
        return text
    return "".join(
        narrow if len(narrow := unicodedata.normalize("NFKC", each)) == 1 and narrow.isascii() else each
        for each in text
    )


def _certain(text: str) -> Iterator[Span]:
    for kind, pattern, is_one in _CERTAIN:
        for match in pattern.finditer(text):
            if is_one is None or is_one(match["value"]):
                yield Span(*match.span("value"), kind)


def _likely(text: str) -> Iterator[Span]:
    for kind, pattern in _LIKELY:
        for match in pattern.finditer(text):
            yield Span(*match.span("value"), kind)


def is_id_number(text: str) -> bool:
    """Whether 18 characters are a citizen's id number: a day of birth, and a check character that fits."""
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, text[:17], strict=True))
    return _ID_CHECKS[total % 11] == text[17].upper()


def is_card_number(text: str) -> bool:
    """Whether the digits are a bank card's by Luhn's formula [ISO/IEC 7812-1, annex B]."""
    digits = [int(each) for each in text if each.isdecimal()]
    doubled = [sum(divmod(2 * each, 10)) for each in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


_CERTAIN: Final[tuple[tuple[str, re.Pattern[str], Callable[[str], bool] | None], ...]] = (
    ("link", re.compile(r"(?P<value>(?:https?://|www\.)[^\s，。；！？、）)〔]{1,2048})", re.IGNORECASE), None),
    ("mail", re.compile(r"(?P<value>[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4})", re.ASCII), None),
    ("id_number", re.compile(rf"{_ALONE}(?P<value>[1-9][0-9]{{16}}[0-9Xx]){_NO_MORE}"), is_id_number),
    (  # UnionPay, Visa, Mastercard, JCB, American Express: 15 to 19 digits, often in groups
        "card",
        re.compile(rf"{_ALONE}(?P<value>(?:62|4[0-9]|5[1-5]|35|3[47])[0-9]{{2}}(?:[ -]?[0-9]){{11,15}}){_NO_MORE}"),
        is_card_number,
    ),
)
_LIKELY: Final = (
    ("phone", re.compile(rf"{_ALONE}(?P<value>(?:\+?86[- ]?)?1[3-9][0-9](?:[- ]?[0-9]{{4}}){{2}}){_NO_MORE}")),
    ("phone", re.compile(r"(?<![0-9A-Za-z-])(?P<value>[48]00[- ]?[0-9]{3}[- ]?[0-9]{4})(?![0-9-])")),
    ("phone", re.compile(r"(?<![0-9A-Za-z-])(?P<value>\(?0[1-9][0-9]{1,2}\)?[- ]?[1-9][0-9]{6,7})(?![0-9-])")),
    (
        "name",
        re.compile(
            r"(?:(?:收货人|收件人|联系人|姓名|名字)\s{0,3}(?:[:：]|是|叫|改成|改为|换成)|我叫)\s{0,3}(?P<value>[一-龥·]{2,4})"
        ),
    ),
    (
        "account",
        re.compile(r"(?:微信|vx|wx|qq|v信)号?\s{0,3}[:：是]?\s{0,3}(?P<value>[A-Za-z0-9_-]{5,20})", re.IGNORECASE),
    ),
    (
        "number",
        re.compile(
            r"(?<![A-Za-z0-9_-])(?P<value>[0-9](?:[ -]?[0-9]){9,30}[Xx]?|[0-9]{6,9}"
            r"|(?=[A-Za-z_-]{0,20}[0-9])(?=[0-9_-]{0,20}[A-Za-z])[A-Za-z0-9_-]{8,64})"
        ),
    ),
)

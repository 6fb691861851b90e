"""Which number do Chinese numerals name?"""

from __future__ import annotations

from decimal import Decimal

DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "幺": 1, "俩": 2}
_UNITS = {"十": 10, "百": 100, "千": 1_000}

# at most nine characters, so that no text takes long
NUMERAL = "[零〇一二两三四五六七八九十百千万]{1,9}"
NUMBER = rf"(?:[0-9]{{1,6}}|{NUMERAL})"


def parse_number(written: str) -> int | None:
    """Read "12", "十二", "二十", "一百二" (120), "两千零五", "一二三" (123); None where it is no number."""
    if written.isascii():
        return int(written) if written.isdigit() else None
    if not any(char in "十百千万" for char in written):
        values = [DIGITS.get(char) for char in written]
        return int("".join(map(str, values))) if values and None not in values else None
    return _positional(written)


def parse_decimal(written: str) -> Decimal | None:
    """Read a number with decimals, "12.5" or "十二点五"; None where it is none."""
    whole, _, fraction = written.replace("点", ".").partition(".")
    number = parse_number(whole)
    if number is None or not fraction:
        return None if number is None else Decimal(number)
    digits = fraction if fraction.isascii() else "".join(str(DIGITS.get(char, "")) for char in fraction)
    return Decimal(f"{number}.{digits}") if digits.isdigit() else None


def _positional(written: str) -> int | None:
    total = section = digit = 0
    last_unit = 1
    for char in written:
        if char in DIGITS:
            digit = DIGITS[char]
            last_unit = 1 if digit == 0 else last_unit
        elif char == "万":
            total += (section + digit) * 10_000
            section, digit, last_unit = 0, 0, 10_000
        elif char in _UNITS:
            # a bare 十 is ten
            section += (digit or 1) * _UNITS[char]
            digit, last_unit = 0, _UNITS[char]
        else:
            return None
    # 一百二 is 120, 一百零二 is 102
    return total + section + digit * (last_unit // 10 if last_unit > 10 else 1)  # noqa: PLR2004 - 十二 is 12

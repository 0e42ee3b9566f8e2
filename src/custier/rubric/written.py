"""What a number looks like where an export writes it in a form of its own, as regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from custier.rubric.numbers import Numbers, same_signs

WIDE = dict(zip("０１２３４５６７８９．，－＋（）", "0123456789.,-+()", strict=True))
"""Full-width characters of numbers, and what they stand for."""

APOSTROPHES, MINUSES, DASHES = "'’", "-−", "-−–—"
GAP = r"\s*"


@cache
def pattern(numbers: Numbers) -> str:
    """A whole cell that is a number in this form."""
    return f"^{GAP}(?:{'|'.join(_ways(numbers))}){GAP}$"


def zero(numbers: Numbers) -> str:
    """A dash that stands for 0."""
    before, after = _beside(numbers)
    return f"^{GAP}{before}[{DASHES}]{after}{GAP}$"


def below_zero(numbers: Numbers) -> str:
    """What a number in this form has only where it is below zero."""
    return _one(numbers, MINUSES + "(")


def more_than(places: int, numbers: Numbers) -> str:
    """A decimal mark with more decimals behind it than these."""
    digit = _digit(numbers)
    return f"{_one(numbers, numbers.decimal)}{digit}{{{places}}}{digit}*{_filled(numbers)}"


def sign(numbers: Numbers) -> str:
    """A sign of currency, whatever its width; empty where none is declared."""
    signs = sorted({same for declared in numbers.currency for same in same_signs(declared)}, key=lambda s: (-len(s), s))
    return f"(?:{'|'.join(map(re.escape, signs))})" if signs else ""


def _ways(numbers: Numbers) -> Iterator[str]:
    (before, after), number = _beside(numbers), f"(?:{_number(numbers)})"
    plus_or_minus, minus = _one(numbers, "+" + MINUSES), _one(numbers, MINUSES)
    yield f"(?:{plus_or_minus}{GAP})?{before}{number}{after}"
    if numbers.currency:
        yield f"{sign(numbers)}{GAP}{plus_or_minus}{GAP}{number}{after}"
    if numbers.negative == "parentheses":
        yield f"{before}{_one(numbers, '(')}{GAP}{before}{number}{after}{GAP}{_one(numbers, ')')}{after}"
    if numbers.negative == "trailing":
        yield f"{before}{number}{GAP}{minus}{after}"
        yield f"{before}{number}{after}{GAP}{minus}"
    if numbers.dash == "zero":
        yield f"{before}[{DASHES}]{after}"


def _number(numbers: Numbers) -> str:
    """The digits and their marks; behind a sign such as `Rs` a point is no decimal mark, so a whole part must be there."""
    digit, mark = _digit(numbers), _one(numbers, numbers.decimal)
    grouped = _grouped(numbers, digit)
    whole = f"(?:{grouped}|{digit}+)" if grouped else f"{digit}+"
    return f"{whole}(?:{mark}{digit}*)?" + ("" if numbers.currency else f"|{mark}{digit}+")


def _grouped(numbers: Numbers, digit: str) -> str:
    if numbers.thousands is None:
        return ""
    first = _filled(numbers)
    if numbers.thousands == "indian":
        comma = _one(numbers, ",")
        return f"{first}{digit}?(?:{comma}{digit}{{2}})*{comma}{digit}{{3}}"
    between = {" ": r"\s", "'": f"[{APOSTROPHES}]"}.get(numbers.thousands) or _one(numbers, numbers.thousands)
    return f"{first}{digit}{{0,2}}(?:{between}{digit}{{3}})+"


def _beside(numbers: Numbers) -> tuple[str, str]:
    """A sign of currency before a number, and one behind it."""
    return (f"(?:{sign(numbers)}{GAP})?", f"(?:{GAP}{sign(numbers)})?") if numbers.currency else ("", "")


def _digit(numbers: Numbers) -> str:
    return "[0-9０-９]" if _is_wide(numbers) else "[0-9]"


def _filled(numbers: Numbers) -> str:
    return "[1-9１-９]" if _is_wide(numbers) else "[1-9]"


def _one(numbers: Numbers, chars: str) -> str:
    """One of these characters, also full-width where those are read."""
    wide = [full for full, plain in WIDE.items() if _is_wide(numbers) and plain in chars]
    return f"[{''.join(map(re.escape, (*chars, *wide)))}]"


def _is_wide(numbers: Numbers) -> bool:
    return numbers.digits == "full-width"

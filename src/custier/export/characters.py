"""Blanks and unseen characters, as the dialects write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

BLANK = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""The characters that are taken off both ends of a text: those that Unicode calls white space."""

UNSEEN = [(0x01, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x61C, 0x61C), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F), (0xFEFF, 0xFEFF)]
"""Control, zero-width and direction-turning characters, first and last; an id that holds one is no id."""


def code_points(form: str) -> Callable[[str], str]:
    """Characters written one by one in this form of their number."""
    return lambda text: "".join(form.format(ord(character)) for character in text)


def in_class(ranges: Sequence[tuple[int, int]], write: Callable[[str], str]) -> str:
    """Ranges of characters as the inside of a regular expression's brackets."""
    return "".join(write(chr(first)) if first == last else f"{write(chr(first))}-{write(chr(last))}" for first, last in ranges)

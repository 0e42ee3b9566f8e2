"""Blanks and unseen characters, as the dialects write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from custier import characters
from custier.characters import BLANK as BLANK

UNSEEN = [(max(1, first), last) for first, last in characters.UNSEEN]
"""What no identifier may hold; no SQL text holds the character 0."""


def code_points(form: str) -> Callable[[str], str]:
    """Characters written one by one in this form of their number."""
    return lambda text: "".join(form.format(ord(character)) for character in text)


def in_class(ranges: Sequence[tuple[int, int]], write: Callable[[str], str]) -> str:
    """Ranges of characters as the inside of a regular expression's brackets."""
    return "".join(write(chr(first)) if first == last else f"{write(chr(first))}-{write(chr(last))}" for first, last in ranges)

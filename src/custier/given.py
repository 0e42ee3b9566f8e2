"""What people write on a command line or in a call → values; whatever cannot be meant is CT1900 with its cure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from custier.errors import Problem, UsageError, nearest


def usage(what: str, where: str, cure: str) -> UsageError:
    """A wrong argument or command line."""
    return UsageError(Problem("CT1900", what, where, cure))


def day_of(text: str, where: str) -> date:
    """`2025-12-31` as a date; raises UsageError."""
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise usage(f"`{text}` is not a date", where, "write it as 2025-12-31") from None


def one_of(word: str, known: Sequence[str], where: str) -> str:
    """The word when it is known; raises UsageError with the nearest."""
    if word in known:
        return word
    near = nearest(word, known)
    raise usage(f"`{word}` is not known here", where, f"the nearest is `{near}`" if near else f"write {' or '.join(known)}")

"""Every way custier stops, as values with a code, a place and a cure.

* CustierError                exit
  x RubricError                2   the rubric is wrong; nothing was read or written
  x UsageError                 2   the command line is wrong
  x DataError                  1   the data failed its checks
  x HeldError                  3   the run is complete, a guardrail refused to publish it
  x InputError                 4   an input is missing, unreadable, lacks a column, exceeds a limit
  x BusyError                  5   another run holds the store, or the base changed
  x OutputError                6   the output could not be written
  x StoreError                 7   a stored file does not match its hash, or is from a newer custier
  x NotFoundError              8   no such customer or run
  x Bug                       70   custier contradicts itself

Codes: CT1… rubric, CT2… file, CT3… rows, CT4… guardrails, CT5… store, CT6… limits, CT9… bugs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: what, where, and what to do about it."""

    code: str
    what: str
    where: str = ""
    help: str = ""


class CustierError(Exception):
    """A run that cannot go on; carries every problem of its phase, not only the first."""

    exit_code = 70
    state = "Nothing was published."

    def __init__(self, problems: Problem | Iterable[Problem], *, state: str | None = None) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        if state is not None:
            self.state = state
        super().__init__("; ".join(f"{p.code} {p.what}" for p in self.problems))


class RubricError(CustierError):
    exit_code = 2
    state = "Nothing was read or written."


class UsageError(CustierError):
    exit_code = 2
    state = "Nothing was read or written."


class DataError(CustierError):
    exit_code = 1


class HeldError(CustierError):
    exit_code = 3
    state = "The run is complete and kept; it was not published."


class InputError(CustierError):
    exit_code = 4


class BusyError(CustierError):
    exit_code = 5


class OutputError(CustierError):
    exit_code = 6


class StoreError(CustierError):
    exit_code = 7


class NotFoundError(CustierError):
    exit_code = 8
    state = ""


class Bug(CustierError):
    exit_code = 70


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like this one, or None when none is clearly near."""
    by_folded = {k.casefold(): k for k in known}
    found = get_close_matches(word.casefold(), list(by_folded), n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def in_number(count: int, one: str, many: str) -> str:
    """`1 customer has`, `1,204 customers have`."""
    return f"{count:,} {one if count == 1 else many}"


def listed(words: Sequence[str], at_most: int = 12) -> str:
    """Words for a message: `a, b, c and 4 more`."""
    shown = ", ".join(words[:at_most])
    return shown if len(words) <= at_most else f"{shown} and {len(words) - at_most} more"

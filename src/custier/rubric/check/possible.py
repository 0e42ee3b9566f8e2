"""Whether conditions can hold together: ways in which they may, each a set of values per thing that is compared.

Sound, not complete: what is not understood counts as possible, so nothing is called impossible that could happen. A text is a point on
the line of numbers like any other constant, and a truth is 1 or 0.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Literal

from custier.rubric.bands import EVERYTHING, HIGHEST, LOWEST, Cut, Span, complement, shared
from custier.rubric.formula.tree import Tree

Want = Literal["true", "false", "not true", "not false"]
"""What a condition is to be; one that misses a value is neither true nor false."""

MOST_WAYS = 3000
MOST_SPANS = 50
OPPOSITE: dict[Want, Want] = {"true": "false", "false": "true", "not true": "not false", "not false": "not true"}
FLIPPED = {"=": "=", "<>": "<>", ">": "<", ">=": "<=", "<": ">", "<=": ">="}


class Unclear(Exception):
    """There are more ways than are worth following."""


@dataclass(frozen=True)
class Allowed:
    """The values that something may have, and whether it may be missing."""

    spans: tuple[Span, ...] = (EVERYTHING,)
    missing: bool = True

    def and_also(self, other: Allowed) -> Allowed:
        met = [part for span in other.spans for part in shared(list(self.spans), span)]
        return Allowed(tuple(met), self.missing and other.missing)

    @property
    def is_empty(self) -> bool:
        return not self.spans and not self.missing


Way = Mapping[str, Allowed]
"""What is compared, and what it may then be."""

Universe = Callable[[Tree], Allowed]
"""All that something can be at all."""


def can_be(asked: Iterable[tuple[Tree, Want]], universe: Universe) -> bool:
    """Whether conditions may be so for one and the same customer; True where it cannot be told."""
    ways: list[Way] = [{}]
    try:
        for tree, want in asked:
            ways = _both(ways, _ways(tree, want, universe))
    except Unclear:
        return True
    return bool(ways)


def point(value: Decimal) -> Span:
    return Span(Cut(value, 0), Cut(value, 1))


def text_point(text: str) -> Span:
    """A place of its own for every text."""
    return point(Decimal(int.from_bytes(b"\1" + text.encode(), "big")))


# --- joining ---------------------------------------------------------------------------------------------------------


def _ways(tree: Tree, want: Want, universe: Universe) -> list[Way]:
    if isinstance(tree, bool):
        return [{}] if tree == (want in ("true", "not false")) else []
    if isinstance(tree, list) and tree[0] in JOINS:
        return JOINS[tree[0]](tree[1:], want, universe)
    return _compared(tree, want, universe)


def _every(parts: list[Tree], want: Want, universe: Universe) -> list[Way]:
    ways: list[Way] = [{}]
    for part in parts:
        ways = _both(ways, _ways(part, want, universe))
    return ways


def _some(parts: list[Tree], want: Want, universe: Universe) -> list[Way]:
    return _limited([way for part in parts for way in _ways(part, want, universe)])


def _and(parts: list[Tree], want: Want, universe: Universe) -> list[Way]:
    return (_every if want in ("true", "not false") else _some)(parts, want, universe)


def _or(parts: list[Tree], want: Want, universe: Universe) -> list[Way]:
    return (_some if want in ("true", "not false") else _every)(parts, want, universe)


def _n_of(parts: list[Tree], want: Want, universe: Universe) -> list[Way]:
    """At least n hold, or so many do not that n cannot."""
    least, *conditions = parts
    if len(conditions) > 12:
        raise Unclear
    holds = want in ("true", "not false")
    chosen = combinations(conditions, least if holds else len(conditions) - least + 1)
    return _limited([way for some in chosen for way in _every(list(some), "true" if holds else "not true", universe)])


JOINS: dict[str, Callable[[list[Tree], Want, Universe], list[Way]]] = {
    "and": _and,
    "or": _or,
    "n of": _n_of,
    "not": lambda parts, want, universe: _ways(parts[0], OPPOSITE[want], universe),
}


def _both(ways: list[Way], others: list[Way]) -> list[Way]:
    """Every way of the first together with every way of the second, as far as they do not exclude each other."""
    _limited(ways, len(others))
    met = [_meet(way, other) for way in ways for other in others]
    return [way for way in met if way is not None]


def _meet(way: Way, other: Way) -> Way | None:
    both = dict(way)
    for key, allowed in other.items():
        both[key] = both[key].and_also(allowed) if key in both else allowed
        if both[key].is_empty:
            return None
        if len(both[key].spans) > MOST_SPANS:
            raise Unclear
    return both


def _limited(ways: list[Way], times: int = 1) -> list[Way]:
    if len(ways) * times > MOST_WAYS:
        raise Unclear
    return ways


# --- comparing -------------------------------------------------------------------------------------------------------


def _compared(tree: Tree, want: Want, universe: Universe) -> list[Way]:
    """The one way in which a comparison is so."""
    if isinstance(tree, list) and tree[0] == "is null":
        missing = want in ("true", "not false")
        return _one(tree[1], Allowed(() if missing else (EVERYTHING,), missing), universe)
    found = _against_constant(tree) if isinstance(tree, list) and tree[0] in FLIPPED else None
    key, spans = found if found is not None else (tree, (point(Decimal(1)),))
    if want in ("false", "not true"):
        spans = tuple(complement(list(spans)))
    return _one(key, Allowed(spans, want in ("not true", "not false")), universe)


def _one(key: Tree, allowed: Allowed, universe: Universe) -> list[Way]:
    met = universe(key).and_also(allowed)
    return [] if met.is_empty else [{json.dumps(key): met}]


def _against_constant(tree: Tree) -> tuple[Tree, tuple[Span, ...]] | None:
    """What is compared, and the values for which the comparison holds; two that vary are compared by their difference."""
    sign, left, right = tree
    if _constant(right) is None and _constant(left) is not None:
        sign, left, right = FLIPPED[sign], right, left
    constant = _constant(right)
    if constant is None:
        if json.dumps(left) > json.dumps(right):
            sign, left, right = FLIPPED[sign], right, left
        return ["-", left, right], _held_by(sign, point(Decimal(0)))
    if isinstance(right, str) and sign not in ("=", "<>"):
        return None
    return left, _held_by(sign, constant)


def _held_by(sign: str, at: Span) -> tuple[Span, ...]:
    below, above = Span(LOWEST, at.low), Span(at.high, HIGHEST)
    return {
        "=": (at,),
        "<>": (below, above),
        ">": (above,),
        ">=": (Span(at.low, HIGHEST),),
        "<": (below,),
        "<=": (Span(LOWEST, at.high),),
    }[sign]


def _constant(tree: Tree) -> Span | None:
    """The place of a constant: a text, or a number that arithmetic makes of numbers."""
    if isinstance(tree, str):
        return text_point(tree)
    number = _number(tree)
    return None if number is None else point(number)


def _number(tree: Tree) -> Decimal | None:
    if not isinstance(tree, list):
        return None
    if tree[0] == "number":
        return Decimal(tree[1])
    if tree[0] not in ARITHMETIC:
        return None
    parts = [_number(part) for part in tree[1:]]
    return None if None in parts else ARITHMETIC[tree[0]](*(part for part in parts if part is not None))


ARITHMETIC: dict[str, Callable[..., Decimal]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "negative": lambda a: -a,
}

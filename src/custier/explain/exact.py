"""A formula's tree and one customer's exact numbers → its value: the sums of the engines, in fractions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

from custier.explain.policy import Tree

Values = Mapping[str, Any]
"""The metrics of one customer, exact, and the labels of its segments; None is missing."""

_fraction = cache(Fraction)


def holds(test: Tree, values: Values) -> bool:
    """Whether a condition holds; where a value is missing it does not."""
    return evaluate(test, values) is True


def evaluate(tree: Tree, values: Values) -> Any:
    """A Fraction, a text or a truth; None where it is missing."""
    if not isinstance(tree, list):
        return tree
    sign, *parts = tree
    if sign in LEAVES:
        return LEAVES[sign](parts[0], values)
    return SIGNS[sign](*(evaluate(part, values) for part in parts))


def rounded(number: Fraction, decimals: int) -> Fraction:
    """Half away from zero."""
    shifted = abs(number) * 10**decimals
    whole = (2 * shifted.numerator + shifted.denominator) // (2 * shifted.denominator)
    return Fraction(whole if number >= 0 else -whole, 10**decimals)


def _present(make: Callable[..., Any]) -> Callable[..., Any]:
    """Missing where one part is."""
    return lambda *parts: None if None in parts else make(*parts)


def _and(*parts: bool | None) -> bool | None:
    return False if False in parts else None if None in parts else True


def _or(*parts: bool | None) -> bool | None:
    return True if True in parts else None if None in parts else False


def _like(text: str, pattern: str) -> bool:
    return bool(re.fullmatch("".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in pattern), text, re.DOTALL))


def _of_those_there(keep: Callable[..., Any]) -> Callable[..., Any]:
    """Missing only where all are."""

    def kept(*parts: Any) -> Any:
        there = [part for part in parts if part is not None]
        return keep(there) if there else None

    return kept


LEAVES: dict[str, Callable[[Any, Values], Any]] = {
    "metric": lambda name, values: values[name],
    "number": lambda text, values: _fraction(text),
}

SIGNS: dict[str, Callable[..., Any]] = {
    "and": _and,
    "or": _or,
    "n of": lambda least, *parts: parts.count(True) >= least,
    "not": _present(lambda a: not a),
    "is null": lambda a: a is None,
    "=": _present(lambda a, b: a == b),
    "<>": _present(lambda a, b: a != b),
    ">": _present(lambda a, b: a > b),
    ">=": _present(lambda a, b: a >= b),
    "<": _present(lambda a, b: a < b),
    "<=": _present(lambda a, b: a <= b),
    "+": _present(lambda a, b: a + b),
    "-": _present(lambda a, b: a - b),
    "*": _present(lambda a, b: a * b),
    "/": _present(lambda a, b: a / b if b else None),
    "negative": _present(lambda a: -a),
    "abs": _present(abs),
    "round": _present(rounded),
    "like": _present(_like),
    "coalesce": _of_those_there(lambda there: there[0]),
    "least": _of_those_there(min),
    "greatest": _of_those_there(max),
}

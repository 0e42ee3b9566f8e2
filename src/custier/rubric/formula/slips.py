"""Slips of the hand in formulas, and what to write instead."""

from __future__ import annotations

import re

from custier.rubric.formula.exact import FormulaError
from custier.rubric.full_width import sign_cure

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_SIGNS = {"=>": "`>=`", "=<": "`<=`", "&&": "and", "||": "or", "≥": "`>=`", "≤": "`<=`", "≠": "`<>`", "×": "`*`", "÷": "`/`"}
_NEVER_NAMES = ("=>", "=<", "&&", "||")
_SEPARATED = re.compile(r"(?<![\w.,])[0-9]{1,3}(?:[,，'][0-9]{3})+(?![\w,])")
_UNIT = re.compile(r"(?<![\w.])([0-9][0-9_.]*)\s*([%％]|(?![a-zA-Z])[^\W\d_]+)")
_UNIT_CURES = {
    "万": "in full, such as 500_000 for 50万",
    "亿": "in full, such as 100_000_000 for 1亿",
    "%": "as a fraction, such as 0.2 for 20%",
}


def refuse_slips(text: str) -> None:
    """Raises FormulaError for signs that no formula has, whatever the names of columns and metrics."""
    code = _code(text)
    sign = next((s for s in _NEVER_NAMES if s in code), None)
    if sign is not None:
        raise FormulaError(f"`{sign}` is not allowed in a formula", f"write {_SIGNS[sign]}")


def slip_cure(text: str) -> str:
    """The cure for what is likely wrong with a formula that cannot be used; nothing where no slip is seen."""
    code = _code(text)
    if _SEPARATED.search(text):
        return "write numbers without separators: 1000 or 1_000"
    if unit := _UNIT.search(code):
        return f"write `{unit[0]}` {_UNIT_CURES.get(unit[2].replace('％', '%')[0], f'without its unit: {unit[1]}')}"
    if code.count("(") > code.count(")"):
        return "close the parenthesis; inside `{…}` a comma ends the text, so put the whole formula in quotes"
    sign = next((s for s in _SIGNS if s in code), None)
    return f"write {_SIGNS[sign]} for `{sign}`" if sign else formula_sign_cure(code)


def formula_sign_cure(text: str) -> str:
    """What to write for a full-width sign, where double quotes hold names and single quotes hold texts."""
    return sign_cure(text).replace('write `"`', "write `'` round a text")


def _code(text: str) -> str:
    """The text without quoted parts and comments."""
    return _QUOTED.sub(" ", text)

"""What to say of a name that is nothing known and may be a column of the table of customers."""

from __future__ import annotations

import re
from difflib import get_close_matches

from custier.rubric.formula import FormulaError
from custier.rubric.model import Rubric
from custier.rubric.plan import known_names
from custier.rubric.plan.attributes import NAME

ALIKE = 0.75
"""Letters in common: `regon` is meant for `region`, `region` is not for `margin`."""

_UNKNOWN = re.compile(f"`({NAME})` is not known here")


def is_slip(name: str, rubric: Rubric) -> bool:
    """Whether the name is likely a slip for one that is known."""
    return bool(get_close_matches(name.casefold(), [known.casefold() for known in known_names(rubric)], n=1, cutoff=ALIKE))


def declared(name: str, rubric: Rubric) -> str:
    """How the table of customers brings a name: what to write."""
    others = [f"{source}: {{{'…' if spec.columns else ''}}}" for source, spec in rubric.sources.items() if source != "customers"]
    return f"a column of the table of customers is declared: sources: {{{', '.join([*others, f'customers: {{{name}: <header>}}'])}}}"


def with_cure(error: FormulaError, rubric: Rubric) -> FormulaError:
    """The problem of a condition over customers; of a name that is no slip for another, how the table of customers brings it."""
    found = _UNKNOWN.fullmatch(str(error))
    names = error.help if error.help.startswith("known names: ") else ""
    if not found or not (names or error.help.startswith("the nearest known name is")) or is_slip(found[1], rubric):
        return error
    return FormulaError(str(error), "; ".join([declared(found[1], rubric), *([names] if names else [])]))

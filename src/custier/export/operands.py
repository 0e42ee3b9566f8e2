"""Which headers a source's formulas read, and what each must be: a text beside texts, a number elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from sqlglot import exp

from custier.errors import Problem, RubricError
from custier.rubric.columns import ColumnKind
from custier.rubric.formula import FormulaError, parse_formula

CellType = Literal["text", "number", "date"]
TYPED_CURE = "name a column of the warehouse that has the right type, in a rubric of its own"


def tree_of(text: str, known: Collection[str], where: str) -> exp.Expr:
    """A formula's tree; raises RubricError (CT1910)."""
    try:
        return parse_formula(text, known)
    except FormulaError as error:
        raise RubricError(Problem("CT1910", f"a formula cannot be used: {error}", where, error.help)) from None


def operand_types(
    trees: Sequence[exp.Expr], kinds: Mapping[str, ColumnKind], headers: Mapping[str, str], types: Mapping[str, CellType]
) -> dict[str, CellType]:
    """Header → its type, for every name in these formulas that is not canonical; raises RubricError where two uses differ."""
    columns = [column for tree in trees for column in tree.find_all(exp.Column)]
    _refuse_doubtful({c.name for c in columns}, headers)
    operands = [column for column in columns if column.name not in kinds]
    found = {column.name: types[column.name] for column in operands if column.name in types}
    for column in operands:
        beside = _beside(column, kinds)
        if beside is not None and found.setdefault(column.name, beside) != beside:
            what = f"`{column.name}` is read as {beside} by a formula, and elsewhere as {found[column.name]}"
            raise RubricError(Problem("CT1910", what, "sources", TYPED_CURE))
    return {column.name: found.get(column.name, "text") for column in operands}


def _refuse_doubtful(names: Collection[str], headers: Mapping[str, str]) -> None:
    """A name that is a canonical column, and also the header of another one, could mean either."""
    for name in sorted(names):
        if headers.get(name, name) != name and name in headers.values():
            what = f"`{name}` is a column of its own, and the header of another"
            raise RubricError(Problem("CT1910", what, "sources", "rename the canonical column in the rubric"))


def _beside(column: exp.Column, kinds: Mapping[str, ColumnKind]) -> CellType | None:
    """What the comparison round a column makes of it; None where only its presence is asked for."""
    test = column.find_ancestor(exp.Predicate, exp.Is)
    if isinstance(test, exp.Is):
        return None
    if test is None:
        return "number"
    texts = any(part.is_string for part in test.find_all(exp.Literal))
    texts |= any(c.name in kinds and kinds[c.name].type == "text" for c in test.find_all(exp.Column))
    return "text" if texts or isinstance(test, exp.Like) else "number"

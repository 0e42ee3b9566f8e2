"""Two labels of a customer → the tier of their cell."""

from __future__ import annotations

import narwhals as nw

from custier.expressions import first_true, no_number, no_text, within
from custier.frames import Frame
from custier.rubric.matrix import Axis, Matrix
from custier.rubric.model import Rubric
from custier.rubric.plan import Plan
from custier.values import UNRATED


def with_cell(customers: Frame, rubric: Rubric, plan: Plan) -> Frame:
    """Customers with their segments → the same with matrix_row and matrix_column (text, null where the axis leaves them unrated), where
    the rubric has a matrix.
    """
    if rubric.matrix is None:
        return customers
    return customers.with_columns(matrix_row=_label(rubric.matrix.rows, plan), matrix_column=_label(rubric.matrix.columns, plan))


def has_cell() -> nw.Expr:
    return ~nw.col("matrix_row").is_null() & ~nw.col("matrix_column").is_null()


def rank_of_cell(matrix: Matrix, tier_names: list[str]) -> nw.Expr:
    """The place of the cell's tier, 0 the best."""
    cells = [(row, column, tier) for row, columns in matrix.tiers.items() for column, tier in columns.items()]
    in_cell = [((nw.col("matrix_row") == row) & (nw.col("matrix_column") == column), tier_names.index(tier)) for row, column, tier in cells]
    return first_true(in_cell, no_number())


def _label(axis: Axis, plan: Plan) -> nw.Expr:
    if axis.segment is not None:
        return nw.col(axis.segment)
    value = plan.value(str(axis.metric))
    missing = no_text() if axis.missing in (None, UNRATED) else axis.missing
    bands = [(nw.coalesce(within(value, band), nw.lit(False)), label) for label, band in (axis.bands or {}).items()]
    return first_true([(value.present.is_null(), missing), *bands], no_text())

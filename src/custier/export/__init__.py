"""A rubric as one SQL statement, for data that never leaves its warehouse: the same steps, rendered instead of run.

The steps are run over empty DuckDB tables, which makes the statement; DuckDB's own text of it is tidied and written in other dialects.
"""

from __future__ import annotations

from custier.export.dialects import DIALECTS, in_dialect
from custier.export.expected import Asked, expected_tables, table_named
from custier.export.head import head
from custier.export.stages import stages_of
from custier.export.statement import statement
from custier.rubric.model import Rubric

__all__ = ["DIALECTS", "Asked", "export_sql"]


def export_sql(rubric: Rubric, asked: Asked) -> str:
    """The statement that selects the labels of a run without a previous one, under a comment that says what it expects.

    Raises RubricError (CT1910) for what SQL cannot express, UsageError (CT1900, CT1902, CT1911).
    """
    tables = expected_tables(rubric, asked)
    names = {expected.source: table_named(expected.table, asked.dialect) for expected in tables}
    made = statement(stages_of(rubric, tables, asked.as_of), names)
    return head(rubric, asked, tables) + in_dialect(made, asked.dialect) + ";\n"

"""One customer's stored row → why this tier: plain data, read, never computed again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from custier.values import Explanation

__all__ = ["explain_customer"]


def explain_customer(
    store: Path, customer_id: str, *, rubric: str | None = None, run: str | None = None, rows: bool = False
) -> Explanation:
    """The explanation of one customer from the stored run alone (CURRENT unless named); raises NotFoundError with near ids."""
    from custier.explain.customer import find_row
    from custier.explain.family import account_of
    from custier.explain.kept import open_run
    from custier.explain.merged import merged_ids, merged_into
    from custier.explain.rows import source_rows
    from custier.explain.told import told

    kept = open_run(store, rubric, run, rows)
    there = merged_into(kept, customer_id)
    row = find_row(kept, there)
    explanation = told(row, kept, source_rows(kept.directory, kept.stable, there) if rows else [])
    asked_for = customer_id if there != customer_id else None
    return replace(explanation, account=account_of(row, kept), asked_for=asked_for, merged=merged_ids(kept, there))

"""The members of a customer's account, as far as they fit on a page."""

from __future__ import annotations

from typing import Any

import polars as pl

from custier.explain.held import shown_value
from custier.explain.kept import Kept
from custier.values import ACCOUNT, PER, AccountLine, Member

MOST_SHOWN = 10


def account_of(row: dict[str, Any], kept: Kept) -> AccountLine | None:
    """The account of a stored row; None where the customer is alone, or the rubric has no accounts."""
    pooled = kept.policy.get("pooled")
    if pooled is None or (row.get(ACCOUNT) in (None, row["customer_id"]) and row["members"] < 2):
        return None
    sources = list(dict.fromkeys(pooled.values()))
    columns = [column for name in sources for column in ([name, name + PER] if kept.kinds[name].quotient else [name])]
    evidence = pl.scan_parquet(kept.evidence, glob=False).filter(pl.col(ACCOUNT) == row[ACCOUNT])
    rows = evidence.select("customer_id", "tier", *columns).sort("customer_id").head(MOST_SHOWN).collect().to_dicts()
    shown = [Member(r["customer_id"], r["tier"], {name: shown_value(r, name, kept.kinds[name]) for name in sources}) for r in rows]
    return AccountLine(row[ACCOUNT], row["members"], shown, {name: shown_value(row, name, kept.kinds[name]) for name in pooled})

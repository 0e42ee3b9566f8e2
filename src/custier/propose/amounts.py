"""What a row is worth where no header says it, or where one says it of a whole order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from custier.propose.mapping import Choice, Question, Why, find_column
from custier.propose.opened import Opened
from custier.propose.seen import Seen

LEAST_ORDERS = 10
"""So many orders of several rows must repeat their amount before that is thought to be no chance."""


def quantity_by_price(columns: Sequence[Seen]) -> Choice | None:
    """An amount that is not in the file, worked out from what is."""
    found = [find_column("transactions", name, columns) for name in ("quantity", "price")]
    headers = [c.headers[0] for c in found if isinstance(c, Choice) and c.headers]
    if len(headers) < 2 or any('"' in h for h in headers) or not all(c.is_number for c in columns if c.header in headers):
        return None
    why = Why("no header for an amount; each row is its quantity times its price")
    return Choice("amount", why, formula=" * ".join(h if h.isascii() and h.isidentifier() else f'"{h}"' for h in headers))


def repeated_amount(opened: Opened, columns: Sequence[Seen], chosen: Mapping[str, Choice]) -> Question | None:
    """Whether every row of an order has the same amount although quantities and prices differ: then it is the order's, and adds up to
    several times what was spent.
    """
    amount, order, by_price = chosen.get("amount"), chosen.get("order"), quantity_by_price(columns)
    if amount is None or order is None or by_price is None or not (amount.headers and order.headers):
        return None
    at = {c.header: str(c.at) for c in columns}
    orders = opened.sample.group_by(at[order.headers[0]]).agg(rows=pl.len(), amounts=pl.col(at[amount.headers[0]]).n_unique())
    several = orders.filter(pl.col("rows") > 1)
    if len(several) < LEAST_ORDERS or int((several["amounts"] > 1).sum()):
        return None
    asked = Why("`{header}` is the same in all rows of an order, so it is likely the order's total", {"header": amount.headers[0]})
    return Question("amount", "--amount", asked, (by_price.formula or "", amount.headers[0]))

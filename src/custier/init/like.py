"""Which of the rubrics that ship fits what the files hold."""

from __future__ import annotations

from collections.abc import Collection

from custier.propose.mapping import Why

OTHER_TABLES = {"invoices": "weighted-grade", "surveys": "weighted-grade", "balances": "wealth", "estimates": "prospects"}
PLACES = "pyramid"
"""Grades by the place among all customers, whatever the amounts are."""


def fitting_rubric(sources: Collection[str], columns: Collection[str]) -> tuple[str, Why]:
    """The rubric to start from, by the tables that are given and the columns of the transactions."""
    if "transactions" in sources and "amount" not in columns:
        return "frequency", Why("no column is an amount, so purchases are counted")
    for table, name in OTHER_TABLES.items():
        if table in sources:
            return name, Why("it takes {table} too", {"table": table})
    if "category" in columns:
        return "retail-vip", Why("there are amounts and categories")
    return "annual-spend", Why("there are amounts")

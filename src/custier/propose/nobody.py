"""Rows without a customer: some are sales to nobody; where they are many, cells were merged, and only a person can say."""

from __future__ import annotations

from collections.abc import Iterator

from custier.propose.mapping import Question, Why
from custier.propose.opened import Opened
from custier.propose.rows import ids_of_nobody
from custier.propose.told import Key
from custier.rubric.suspects import MANY_WITHOUT_CUSTOMER

NO_CUSTOMER = "no_customer"
FLAG = "--no-customer"
LEAVES_OUT = "exclude"
BLANK = (
    "`{header}` is blank in {blank:,} of {rows:,} rows ({share:.1%}): most often cells are merged, or only the first row of an order is "
    "filled; `exclude` leaves these rows and their amounts out"
)
SAID = (BLANK,)
FILL_DOWN = "fill these cells down in the export, and run this again; only where the sales are truly nobody's"
MOST_SHOWN = 6


def is_often_blank(opened: Opened, customer: int) -> bool:
    """Whether so many rows lack the customer that they are hardly sales to nobody."""
    return opened.rows - opened.filled[customer] > MANY_WITHOUT_CUSTOMER * opened.rows


def left_blank(opened: Opened, customer: int) -> Question:
    """What becomes of rows without a customer; nothing is likely enough to be offered."""
    blank = opened.rows - opened.filled[customer]
    said = {"header": opened.headers[customer], "blank": blank, "rows": opened.rows, "share": blank / opened.rows}
    return Question(NO_CUSTOMER, FLAG, Why(BLANK, said))


def of_nobody(opened: Opened, customer: int) -> Iterator[Key]:
    """The key that leaves out rows of nobody, where there are any, with how many of each kind."""
    blank, nobody = ids_of_nobody(opened, customer)
    if blank or nobody:
        shown = "".join(f"; `{text}` {rows:,}" for text, rows in list(nobody.items())[:MOST_SHOWN])
        why = Why("rows of nobody: {blank:,} without a customer{told}", {"blank": blank, "told": shown})
        yield Key(NO_CUSTOMER, {"rows": LEAVES_OUT}, why)

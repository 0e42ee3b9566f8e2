"""What `custier profile` tells; `--json` is this struct."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from custier.values import InputFile


@dataclass(frozen=True)
class TopValue:
    """One of a column's most frequent values, masked where it may name somebody."""

    value: str
    rows: int


@dataclass(frozen=True)
class ColumnProfile:
    """One header. kind: date, number or text; role: the canonical column that it is taken for, None where it is none; top: empty where
    values hardly repeat.
    """

    header: str
    role: str | None
    kind: str
    filled: int
    missing: int
    missing_share: Decimal
    top: list[TopValue]


@dataclass(frozen=True)
class Dirt:
    """One kind of odd rows or cells. code: that of the page of help, None where it is only counted; rejected: whether a run leaves such
    rows out; place: the first, as file:line.
    """

    kind: str
    code: str | None
    column: str | None
    rows: int
    rejected: bool
    place: str | None


@dataclass(frozen=True)
class TopShare:
    """What the best part of the customers has. customers: percent of all, rounded down, one at least; share: of 1, of six decimals."""

    percent: int
    customers: int
    amount: Decimal
    share: Decimal


@dataclass(frozen=True)
class Concentration:
    """How unequal customers are by what they spent, spend below 0 taken as 0. gini = numerator / denominator, exact."""

    total: Decimal
    below_zero: int
    top: list[TopShare]
    customers_with_80_percent: int
    share_with_80_percent: Decimal
    gini: Decimal
    gini_numerator: int
    gini_denominator: int


@dataclass(frozen=True)
class Repeat:
    """How often customers buy. counted: what an order is taken to be, `order` numbers or `days`; histogram: orders → customers."""

    counted: str
    orders: int
    customers_with_2_or_more: int
    share_with_2_or_more: Decimal
    histogram: dict[str, int]


@dataclass(frozen=True)
class Test:
    """One of the three tests of whether grading is worth it. passed: None where the data cannot tell."""

    name: str  # customers | repeat | value
    passed: bool | None
    observed: Decimal | None
    needed: Decimal


@dataclass(frozen=True)
class Largest:
    """One of the customers with most spend, its id masked."""

    customer: str
    amount: Decimal
    share: Decimal


@dataclass(frozen=True)
class Profile:
    """Everything about the transactions of some exports. used: rows of customers; verdict: worth it, perhaps or hardly."""

    files: list[InputFile]
    rows: int
    used: int
    excluded: int
    rejected: int
    customers: int
    first_day: date | None
    last_day: date | None
    months: int
    months_without_rows: int
    columns: list[ColumnProfile]
    dirt: list[Dirt]
    currency: str | None
    currency_decimals: int
    concentration: Concentration | None
    largest: list[Largest]
    repeat: Repeat | None
    tests: list[Test]
    verdict: str

"""One column by what is in it: how full it is, how many different values, and what its values look like."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from custier.propose.opened import Opened
from custier.read.dates import Asked, read_dates

MISSING = ("NA", "N/A", "#N/A", "NULL", "Null", "null", "None", "nan", "NaN", "-", "--")
MOST_TEXTS = 3_000
MOSTLY = 0.9
NUMBER = r"^[(+-]?(?:[A-Za-z]{3} ?|[$¥€£₹₩] ?)?[(+-]?[0-9][0-9,.' ]*(?:元|[万亿千]元?|[$¥€£])?-?\)?$|^[$¥€£] ?-$"
FIRST_YEAR, LAST_YEAR = 1_980, 2_100


@dataclass(frozen=True)
class Seen:
    """A header with what its first rows hold. dates, numbers: the share of its filled cells that look so; distinct: of `looked_at`."""

    header: str
    at: int
    filled: int
    rows: int
    looked_at: int
    distinct: int
    dates: float
    numbers: float
    whole: bool  # numbers without any decimal mark, currency or sign

    @property
    def is_date(self) -> bool:
        return self.looked_at > 0 and self.dates >= MOSTLY

    @property
    def is_number(self) -> bool:
        return self.looked_at > 0 and self.numbers >= MOSTLY and not self.is_date

    @property
    def repeats(self) -> bool:
        """Whether its values come back, as those of customers do, and are more than a handful."""
        return 2 < self.distinct < self.looked_at


def seen_columns(opened: Opened) -> list[Seen]:
    """Every column as its first rows show it."""
    return [_seen(opened, at) for at in range(len(opened.headers))]


def _seen(opened: Opened, at: int) -> Seen:
    texts = opened.sample[str(at)].drop_nulls().to_frame("text").filter(~pl.col("text").is_in(MISSING))
    counted = texts.group_by("text").agg(rows=pl.len()).sort("text")
    some = counted if len(counted) <= MOST_TEXTS else counted.sample(MOST_TEXTS, seed=1)
    of = max(1, int(some["rows"].sum()))
    folded = some.with_columns(pl.col("text").str.normalize("NFKC").str.strip_chars())
    numbers = folded.filter(pl.col("text").str.contains(NUMBER))
    return Seen(
        header=opened.headers[at],
        at=at,
        filled=opened.filled[at],
        rows=opened.rows,
        looked_at=len(texts),
        distinct=len(counted),
        dates=_dates(some) / of,
        numbers=int(numbers["rows"].sum()) / of,
        whole=not folded["text"].str.contains(r"[^0-9]").any(),
    )


def _dates(counted: pl.DataFrame) -> int:
    """How many rows hold a date; numbers that could be read as one are none outside of likely years."""
    if counted.is_empty() or not counted["text"].str.contains(r"[0-9]").any():
        return 0
    readings = read_dates(counted, Asked("", ""))
    if any(p.code == "CT2211" for p in readings.problems):
        return int(counted.filter(pl.col("text").str.contains(UNCLEAR_DATE))["rows"].sum())
    read = readings.frame.filter(pl.col("at").dt.year().is_between(FIRST_YEAR, LAST_YEAR)).join(counted, on="text")
    return int(read["rows"].sum())


UNCLEAR_DATE = r"^[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}(?:[ T]|$)"


def words_of(header: str) -> list[str]:
    """`CustomerName`, `customer_name` and `Customer Name` → customer, name; a Chinese header is one word."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", header)
    return [word for word in re.split(r"[\W_]+", apart.casefold()) if word]

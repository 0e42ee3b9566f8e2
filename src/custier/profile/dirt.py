"""What is odd in the rows, each kind with its count: what a run would reject, and what it would count without a word."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from custier.profile.values import Dirt
from custier.propose.nobody import NO_CUSTOMER
from custier.propose.opened import Opened
from custier.propose.rows import ids_of_nobody
from custier.read.likely import likely_missing

MOST_COMPARED_ROWS = 50_000_000
"""Rows are compared by a number of 64 bits each, all held at once."""

KINDS = {
    "u": "cells with control or invisible characters",
    "f": "cells that a spreadsheet would run",
    "s": "cells with spaces around them",
}
BLANK = "texts that mean an empty cell"
LEFT_OUT_BY = "rows left out by `"
FORMULA = r"^\s*[=@]"
UNSEEN = r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"


def rejected_dirt(rejected: pl.DataFrame) -> list[Dirt]:
    """The rejected cells of a run, by code and column."""
    first = pl.struct("file", "line").sort_by("file", "line").first().alias("first")
    found = rejected.group_by("code", "column", "message").agg(rows=pl.struct("file", "line").n_unique(), first=first)
    return [
        Dirt(message, code, column or None, rows, True, f"{at['file']}:{at['line']}")
        for code, column, message, rows, at in found.sort(["rows", "code", "column"], descending=[True, False, False]).rows()
    ]


def excluded_dirt(opened: Opened, customer: int | None, excluded: Mapping[str, int]) -> list[Dirt]:
    """The rows that keys of the source leave out (key → rows); customer: the place of the column that says whose a row is."""
    found = [Dirt(f"{LEFT_OUT_BY}{key}`", None, None, rows, False, None) for key, rows in excluded.items() if key != NO_CUSTOMER]
    if NO_CUSTOMER in excluded and customer is not None:
        blank, nobody = ids_of_nobody(opened, customer)
        kinds = ("rows without a customer", blank), ("rows of ids that stand for nobody", sum(nobody.values()))
        found += [Dirt(kind, None, opened.headers[customer], rows, False, None) for kind, rows in kinds if rows]
    return found


def counted_dirt(opened: Opened) -> list[Dirt]:
    """What the cells look like, whatever a run makes of it."""
    found = [Dirt("rows alike in every column", None, None, _alike(opened), False, None)]
    width = range(len(opened.headers))
    counts = opened.texts.select(
        *(pl.col(str(at)).str.contains(UNSEEN).sum().alias(f"u{at}") for at in width),
        *(pl.col(str(at)).str.contains(FORMULA).sum().alias(f"f{at}") for at in width),
        *((pl.col(str(at)) != pl.col(str(at)).str.strip_chars()).sum().alias(f"s{at}") for at in width),
    ).collect(engine="streaming")
    for sign, kind in (
        ("u", "cells with control or invisible characters"),
        ("f", "cells that a spreadsheet would run"),
        ("s", "cells with spaces around them"),
    ):
        found += [Dirt(kind, None, opened.headers[at], int(counts[f"{sign}{at}"][0] or 0), False, None) for at in width]
    found += [Dirt("texts that mean an empty cell", None, opened.headers[at], _blank_words(opened, at), False, None) for at in width]
    return [dirt for dirt in found if dirt.rows]


def _alike(opened: Opened) -> int:
    if opened.rows > MOST_COMPARED_ROWS:
        return 0
    hashes = opened.texts.select(pl.struct(str(at) for at in range(len(opened.headers))).hash(1)).collect(engine="streaming").to_series()
    return len(hashes) - hashes.n_unique()


def _blank_words(opened: Opened, at: int) -> int:
    words = likely_missing(opened.sample[str(at)].drop_nulls().unique().to_list())
    return int(opened.column(at).filter(pl.col("text").is_in(words)).select(pl.len()).collect(engine="streaming").item()) if words else 0

"""Ids like the one that was not found."""

from __future__ import annotations

from difflib import get_close_matches

import polars as pl

MOST_COMPARED = 5_000


def near_ids(wanted: str, ids: pl.Series, at_most: int = 5) -> list[str]:
    """First those that differ in case or spaces only, then those that hold it, then the most alike of the same beginning."""
    folded = wanted.strip().casefold()
    frame = ids.to_frame("id").with_columns(folded=pl.col("id").str.strip_chars().str.to_lowercase())
    same = frame.filter(pl.col("folded") == folded)["id"].to_list()
    holds = frame.filter(pl.col("folded").str.contains(folded, literal=True)).head(at_most)["id"].to_list() if folded else []
    alike = get_close_matches(wanted, _candidates(frame, folded), n=at_most, cutoff=0.6)
    return list(dict.fromkeys([*same, *holds, *alike]))[:at_most]


def _candidates(frame: pl.DataFrame, folded: str) -> list[str]:
    if len(frame) <= MOST_COMPARED:
        return frame["id"].to_list()
    begins = frame.filter(pl.col("folded").str.starts_with(folded[: max(1, len(folded) // 2)]))
    return begins.head(MOST_COMPARED)["id"].to_list()

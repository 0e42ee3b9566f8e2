"""Ids like the one that was not found."""

from __future__ import annotations

from difflib import get_close_matches

import polars as pl

MOST_COMPARED = 5_000
MOST_LETTERS = 200

ID = pl.col("customer_id")


def near_ids(wanted: str, customers: pl.LazyFrame, at_most: int = 5) -> list[str]:
    """Customers sorted by customer_id → first ids that hold the wanted one, whatever the case, the shortest first; then the most alike."""
    word = wanted.strip()
    if not 0 < len(word) <= MOST_LETTERS:
        return []
    alike = get_close_matches(wanted, _candidates(word, customers, at_most), n=at_most, cutoff=0.6)
    return list(dict.fromkeys([*_holding(word, customers, at_most), *alike]))[:at_most]


def _holding(word: str, customers: pl.LazyFrame, at_most: int) -> list[str]:
    held = customers.select(ID).filter(ID.str.contains(f"(?i){pl.escape_regex(word)}"))
    return held.bottom_k(at_most, by=[ID.str.len_chars(), ID]).collect()["customer_id"].to_list()


def _candidates(word: str, customers: pl.LazyFrame, enough: int) -> list[str]:
    """All ids where they are few; else those that begin alike, from the longest beginning that enough of them share."""
    if customers.select(pl.len()).collect().item() <= MOST_COMPARED:
        return customers.select(ID).collect()["customer_id"].to_list()
    found: list[str] = []
    for letters in range(len(word), len(word) // 2, -1):
        beginnings = {spelling[:letters] for spelling in (word, word.upper(), word.lower())}
        ranges = [ID.is_between(pl.lit(b), pl.lit(b + "\U0010ffff")) for b in sorted(beginnings)]
        found = customers.select(ID).filter(pl.any_horizontal(ranges)).head(MOST_COMPARED).collect()["customer_id"].to_list()
        if len(found) >= enough:
            break
    return found

"""Rows that are no purchases of a customer: totals among the rows, and ids that stand for nobody."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from custier.propose.mapping import Why
from custier.propose.opened import Opened
from custier.propose.seen import Seen, words_of
from custier.read.cells import trimmed
from custier.read.totals import CODE, USUAL, totals_of
from custier.rubric.suspects import NoCustomer


def total_lines(opened: Opened) -> tuple[list[str], int]:
    """The words that begin lines of totals, as they stand, and how many such lines there are; no words where other rows begin so too."""
    totals = opened.malformed.filter(code=CODE)["raw"].to_list()
    words = sorted({found[0] for raw in totals if (found := re.search(rf"(?i:{USUAL})", raw))})
    if not words:
        return [], len(totals)
    first = pl.coalesce(trimmed(pl.col(str(at))) for at in range(len(opened.headers)))
    others = opened.texts.select(first.str.contains(totals_of(words).pattern).sum()).collect(engine="streaming").item()
    return ([] if others else words), len(totals)


def ids_of_nobody(opened: Opened, customer: int) -> tuple[int, dict[str, int]]:
    """How many rows have no customer at all, and per text that stands for nobody how many have it."""
    folded = pl.col("text").str.normalize("NFKC").str.to_lowercase().str.strip_chars()
    found = opened.column(customer).filter(folded.is_in(NoCustomer().texts)).group_by("text").agg(rows=pl.len()).collect(engine="streaming")
    return opened.rows - opened.filled[customer], dict(found.sort("rows", "text", descending=True).rows())


UNDONE = r"(?i)cancel|refund|return|void|fail|取消|退款|退货|作废|关闭|失败|撤销"
STATE_WORDS, STATE_PARTS = {"status", "state", "stage"}, ("状态", "交易结果")
MOST_STATES = 30
MOST_TOLD = 6
PLAIN = r"^[\w ./()（）-]+$"
"""Texts that stand in quotes of a shell as they are."""

UNDONE_ROWS = "`{header}` holds {texts}, and such rows count as purchases; to leave them out: --where {where}"
SAID = (UNDONE_ROWS,)


def undone(opened: Opened, columns: Sequence[Seen]) -> dict[str, list[str]]:
    """Header of states → those of its texts that say that a purchase did not stand, the most frequent first."""
    states = [c for c in columns if STATE_WORDS & set(words_of(c.header)) or any(part in c.header for part in STATE_PARTS)]
    found = {c.header: _undone(opened, c) for c in states if 0 < c.distinct <= MOST_STATES and re.match(PLAIN, c.header)}
    return {header: texts for header, texts in found.items() if texts}


def undone_rows(header: str, texts: Sequence[str]) -> Why:
    """What to say of such states, and the option that leaves their rows out."""
    name = header if header.isascii() and header.isidentifier() else f'"{header}"'
    formula = " and ".join(f"{name} != '{text}'" for text in texts).replace('"', '\\"')
    where = f'"{formula}"'
    return Why(UNDONE_ROWS, {"header": header, "texts": ", ".join(texts), "where": where})


def _undone(opened: Opened, seen: Seen) -> list[str]:
    texts = (
        opened.column(seen.at)
        .filter(pl.col("text").str.contains(UNDONE) & pl.col("text").str.contains(PLAIN))
        .group_by("text")
        .agg(rows=pl.len())
    )
    return texts.collect(engine="streaming").sort(["rows", "text"], descending=[True, False])["text"].head(MOST_TOLD).to_list()

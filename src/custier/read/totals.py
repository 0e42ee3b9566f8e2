"""Lines of totals among the rows: what the rubric says they begin with, else what exports usually call them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from custier.read.dialect import Dialect
from custier.read.records import Batch, Malformed
from custier.read.separators import cells

CODE = "CT3020"
SPACE = " \t\r\f\v\u00a0\u3000"
BLANK = f"{SPACE}\n"
USUAL = r"(?:本页|本月|本年)?(?:合计|总计|小计|共计|累计|总合计)|(?:grand |sub[ -]?)?totals?"
USUAL_FIRST = "本合总小共累gst"
TAIL = r"[\s\u00a0\u3000:：]*(?:[(（][^()（）]{0,20}[)）])?[\s\u00a0\u3000:：]*"


@dataclass(frozen=True)
class Totals:
    """How the first filled cell of a total looks: begins, or is; and whether such lines are left out, as declared, or rejected."""

    words: str  # a pattern; empty where nothing is a total
    first: str  # what these may begin with, in small letters
    is_declared: bool

    @property
    def pattern(self) -> str:
        """What the trimmed cell matches in full, whatever its case; for `re` and for Polars."""
        return f"(?is)^(?:{self.words}).*$" if self.is_declared else f"(?is)^(?:{self.words}){TAIL}$"

    def finds(self) -> re.Pattern[str] | None:
        return re.compile(self.pattern, re.ASCII) if self.words else None

    def first_bytes(self, separator: str) -> set[int]:
        """The bytes that such a line may begin with."""
        return {character.encode()[0] for character in (*self.first, *self.first.upper(), *SPACE, '"', separator)} if self.words else set()

    def begins_line(self, separator: str) -> bytes:
        """A pattern over bytes for how such a line begins: finds all totals, and few other lines."""
        edge, space = re.escape(separator), "|".join(SPACE)
        end = "" if self.is_declared else rf'(?:{space}|:|：)*+(?:["(\r\n]|（|{edge}|\Z)'
        return rf'(?:{space}|"|{edge})*+(?i:{self.words}){end}'.encode()


def totals_of(declared: Sequence[str] | None) -> Totals:
    """What is a total in a source; an empty list says that nothing is."""
    if declared is None:
        return Totals(USUAL, USUAL_FIRST, is_declared=False)
    return Totals("|".join(re.escape(word) for word in declared), "".join(word[0].lower() for word in declared), is_declared=True)


def first_filled(row: Sequence[str]) -> str:
    """The first cell that is not blank, trimmed."""
    return next((bare for cell in row if (bare := cell.strip(BLANK))), "")


def without_totals(batch: Batch, dialect: Dialect, totals: Totals) -> tuple[Batch, list[Malformed]]:
    """Records and lines that are none, without those of totals; and these, in the order of their lines."""
    is_total = totals.finds()
    if is_total is None:
        return batch, []
    rows, lines = [], []
    found: list[Malformed] = []
    malformed: list[Malformed] = []
    for line, row in zip(batch.lines, batch.records, strict=True):
        if is_total.match(first_filled(row)):
            found.append(Malformed(line, CODE, dialect.separator.join(row)))
        else:
            rows.append(row)
            lines.append(line)
    for each in batch.malformed:
        total = is_total.match(first_filled(cells(each.text, dialect.separator)))
        (found if total else malformed).append(replace(each, code=CODE) if total else each)
    return Batch(lines, rows, malformed), found

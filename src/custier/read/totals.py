"""Lines of totals among the rows: what the rubric says they begin with, else what exports usually call them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from custier.read.dialect import Dialect
from custier.read.records import Batch, Malformed
from custier.read.separators import cells

CODE = "CT3020"
SPACE = " \t\r\f\v\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2028\u2029\u202f\u205f\u2060\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x2010)))
"""Every sign without ink that an export may hold around a word; engines differ in what they call a space."""
BLANK = f"{SPACE}\n"
USUAL = r"(?:本页|本月|本年)?(?:合计|总计|小计|共计|累计|总合计)|(?:grand |sub[ -]?)?totals?"
USUAL_FIRST = "本合总小共累gst"
TAIL = rf"[{BLANK}:：]*(?:[(（][^()（）]{{0,20}}[)）])?[{BLANK}:：]*"


@dataclass(frozen=True)
class Totals:
    """How the first filled cell of a total looks: begins, or is; and whether such lines are left out, as declared, or rejected."""

    words: str  # a pattern that spells out either case, for texts and bytes, `re` and Polars alike; empty where nothing is a total
    first: str  # what these may begin with
    is_declared: bool

    @property
    def pattern(self) -> str:
        """What the trimmed cell matches in full; for `re` and for Polars."""
        return f"(?s)^(?:{self.words}).*$" if self.is_declared else f"(?s)^(?:{self.words}){TAIL}$"

    def finds(self) -> re.Pattern[str] | None:
        return re.compile(self.pattern) if self.words else None

    def first_bytes(self, separator: str) -> set[int]:
        """The bytes that such a line may begin with."""
        return {character.encode()[0] for character in (*self.first, *SPACE, '"', separator)} if self.words else set()

    def begins_line(self, separator: str) -> bytes:
        """A pattern over bytes for how such a line begins: finds all totals, and few other lines."""
        edge, before = re.escape(separator).encode(), _any_of(f'{SPACE}"{separator}')
        after = _any_of(f"{SPACE}:：".replace(separator, ""))
        end = b"" if self.is_declared else rb'%b*+(?:["(\r\n]|%b|%b|\Z)' % (after, "（".encode(), edge)
        return rb"%b*+(?:%b)%b" % (before, self.words.encode(), end)


def totals_of(declared: Sequence[str] | None) -> Totals:
    """What is a total in a source; an empty list says that nothing is."""
    if declared is None:
        return Totals(re.sub("[a-z]", lambda found: _either_case(found[0]), USUAL), _cases(USUAL_FIRST), is_declared=False)
    words = ("".join(map(_either_case, word)) for word in declared)
    return Totals("|".join(words), _cases("".join(word[0] for word in declared)), is_declared=True)


def _cases(signs: str) -> str:
    """These signs in small and in capital letters, as far as one sign stands for one."""
    small = {other for sign in signs for other in (sign, sign.lower(), sign.upper()) if len(other) == 1}
    return "".join(sorted({other for sign in small for other in (sign, sign.lower(), sign.upper()) if len(other) == 1}))


def _either_case(sign: str) -> str:
    return f"(?:{'|'.join(map(re.escape, _cases(sign)))})"


def _any_of(signs: str) -> bytes:
    """A pattern over bytes for one of these signs; those of several bytes are tried only where one can begin."""
    single = re.escape("".join(sign for sign in signs if sign.isascii())).encode()
    several = [sign.encode() for sign in signs if not sign.isascii()]
    leads = re.escape(bytes({sign[0] for sign in several}))
    return rb"(?:[%b]|(?=[%b])(?:%b))" % (single, leads, b"|".join(several))


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

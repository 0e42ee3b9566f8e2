"""Headers that say how many units of money their numbers count in: 金额(万元) holds ten thousands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from custier.read.export import Export
from custier.rubric.columns import ColumnKind, fold

MULTIPLES = {"千": 1_000, "万": 10_000, "百万": 1_000_000, "千万": 10_000_000, "亿": 100_000_000}
UNIT = re.compile(rf"(.+)[(\[【](?:单位:?)?(?:人民币)?({'|'.join(MULTIPLES)})(?:元|人民币元?|rmb|cny)?[)\]】]")


def multiple_in(header: str) -> tuple[str, int] | None:
    """The folded header without its unit and the multiple that the unit says; None where it says none."""
    found = UNIT.fullmatch(fold(header))
    return (found[1], MULTIPLES[found[2]]) if found else None


def in_rubric(column: str, formula: str) -> str:
    """A formula of a source as YAML takes it, whatever it holds; `where` is a key of its own."""
    quoted = "'" + formula.replace("'", "''") + "'"
    return f"where: {quoted}" if column == "where" else f"{column}: {{formula: {quoted}}}"


def whole_units(header: str, column: str) -> str:
    """The formula that makes whole units of such a header, as it stands in a rubric."""
    _, multiple = multiple_in(header) or (header, 1)
    return in_rubric(column, f'"{header}" * {multiple}')


def unit_warnings(columns: Sequence[tuple[Export, Mapping[str, int]]], kinds: Mapping[str, ColumnKind]) -> Iterator[str]:
    """What to say of money columns that are mapped to such a header, where the rubric does not say the same unit; each once."""
    money = {(e.header[at], c) for e, positions in columns for c, at in positions.items() if kinds[c].type == "money"}
    for header, column in sorted(money):
        said, numbers = multiple_in(header), kinds[column].numbers
        if said and (numbers is None or not numbers.shift):
            yield f"`{header}` is taken as it stands; write a formula for whole units: {whole_units(header, column)}"
        elif said and numbers and said[1] != 10**numbers.shift:
            yield f"`{header}` is taken to be in {numbers.unit}, as the rubric says"

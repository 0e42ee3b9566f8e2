"""Money with more decimals than its currency has: counted in another unit, such as 万元, or right as it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

import polars as pl

from custier.errors import listed
from custier.read.likely import MOST_LOOKED_AT
from custier.read.numbers import DIGITS_OF_DOUBLES
from custier.rubric.columns import ColumnKind
from custier.rubric.model import Source
from custier.rubric.numbers import SHIFTS, Numbers
from custier.rubric.scalars import MOST_DECIMALS
from custier.rubric.yaml_line import yaml_line
from custier.values import OTHER_UNIT, InputFile

PRINTED = re.compile(r"[+-]?[0-9]+\.[0-9]+")
UNIT = "万元"
CHINESE = re.compile("[\u4e00-\u9fff]")
FEWEST_MORE = 2
"""Of a unit there are more: with one decimal more, amounts are mostly those that nobody rounded."""


def finer_cures(
    source: str, texts: Mapping[str, Sequence[str]], spec: Source, kinds: Mapping[str, ColumnKind], headers: Mapping[str, str]
) -> list[str]:
    """Lines of YAML that read money of more decimals: the unit where a Chinese header lacks one, which only a person can tell from the
    second, more decimals; none where decimals are not all that is wrong.
    """
    money = {name: spec.numbers_of(name) or Numbers() for name in texts if name in kinds and kinds[name].type == "money"}
    places = [places_of(cell, form) - form.shift for name, form in money.items() for cell in texts[name]]
    held = max((kinds[name].scale for name in money), default=0)
    if not places or min(places) <= held or max(places) > MOST_DECIMALS:
        return []
    in_units = held + FEWEST_MORE <= max(places) <= held + SHIFTS[UNIT]
    unsaid = all(not form.shift and CHINESE.search(headers.get(name, "")) for name, form in money.items())
    return [*([_in_unit(source, money, spec, kinds)] if in_units and unsaid else []), f"currency_decimals: {max(places)}"]


def _in_unit(source: str, money: Mapping[str, Numbers], spec: Source, kinds: Mapping[str, ColumnKind]) -> str:
    """The unit of all money of a source, or of these columns where it has other money."""
    if all(name in money for name, kind in kinds.items() if kind.type == "money"):
        said = spec.numbers.model_dump(exclude_unset=True) if spec.numbers else {}
        return f"sources: {yaml_line({source: {'numbers': said | {'unit': UNIT}}})}"
    columns = {n: spec.columns[n].model_dump(by_alias=True, exclude_unset=True) if n in spec.columns else {} for n in money}
    return f"sources: {yaml_line({source: {n: c | {'numbers': {**c.get('numbers', {}), 'unit': UNIT}} for n, c in columns.items()}})}"


def in_other_unit(
    rejected: pl.DataFrame, source: str, files: Sequence[InputFile], spec: Source, kinds: Mapping[str, ColumnKind]
) -> dict[str, list[str]]:
    """Column of money → files (not all) of which at least half of the rows have far more decimals, while other files have none."""
    found = {}
    for name in (name for name, kind in kinds.items() if kind.type == "money" and name not in spec.made):
        cells = rejected.filter(source=source, code="CT3104", column=name)
        rows = dict(cells.group_by("file").len().rows())
        odd = [file.name for file in files if file.name in rows and 2 * rows[file.name] >= file.rows]
        if odd and len(odd) == len(rows) < len(files) and most_places(cells, name, spec) >= kinds[name].scale + FEWEST_MORE:
            found[name] = odd
    return found


def other_unit_warning(name: str, odd: Sequence[str], places: int) -> str:
    """What to say of such files: no line of a rubric, which is for all files, is right for them."""
    exact = f"; only if it is right as it stands: currency_decimals: {places}" if places <= MOST_DECIMALS else ""
    which = f"`{name}` of {listed(list(odd), 3)} has up to {places} decimals, that of the other files has not"
    return f"{OTHER_UNIT}, such as {UNIT}: {which}; export it again as the others are, or convert it{exact}"


def most_places(cells: pl.DataFrame, name: str, spec: Source) -> int:
    """The most decimals that whole units have in the first of these rejected cells (REJECTED)."""
    form = spec.numbers_of(name) or Numbers()
    texts = cells["raw"].drop_nulls().unique(maintain_order=True).head(MOST_LOOKED_AT)
    return max((places_of(cell, form) - form.shift for cell in texts), default=0)


def is_printed_double(cell: str) -> bool:
    """Whether a text has as many digits as programs print of a double."""
    return bool(PRINTED.fullmatch(cell)) and DIGITS_OF_DOUBLES[0] <= len(re.sub("[^0-9]", "", cell).lstrip("0")) <= DIGITS_OF_DOUBLES[1]


def places_of(cell: str, form: Numbers) -> int:
    """How many decimals a cell has that count; of a double as a program printed it, those that are meant."""
    if form.decimal == "." and is_printed_double(cell):
        cell = f"{Decimal(f'{Decimal(cell):.15g}'):f}"
    decimals = cell.rpartition(form.decimal)[2] if form.decimal in cell else ""
    return len(re.sub("[^0-9]", "", decimals).rstrip("0"))

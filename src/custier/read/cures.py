"""What a rubric could say so that rejected cells are read: found from the cells themselves, told without any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import polars as pl

from custier.read.finer import finer_cures, is_printed_double
from custier.read.likely import MOST_LOOKED_AT, likely_missing, number_readings
from custier.rubric.columns import ColumnKind
from custier.rubric.model import Source
from custier.rubric.numbers import Numbers
from custier.rubric.yaml_line import yaml_line

UNREADABLE = ("CT3102", "CT3104", "CT3201")
Said = dict[str, Any]


Readable = Callable[[str], Sequence[str]]
"""Column → cells of it that are read as numbers now, as texts; whatever a rubric says of the others must read these too."""


def _unknown(_: str) -> Sequence[str]:
    return ()


def rejected_cures(
    rejected: pl.DataFrame,
    source: str,
    spec: Source,
    kinds: Mapping[str, ColumnKind],
    readable: Readable = _unknown,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> list[str]:
    """Lines of YAML, each a whole cure, for the rejected cells of a source (REJECTED); none where their form is not plain to see, and two
    where the cells fit two forms. headers: column → its header.
    """
    texts = _texts(rejected.filter((pl.col("source") == source) & pl.col("code").is_in(UNREADABLE)), spec, kinds)
    readings = {
        name: found for name, cells in texts.items() if _is_number(name, kinds) and (found := _readings(name, cells, spec, readable(name)))
    }
    blanks = {name: gone for name, cells in texts.items() if name in kinds and name != "date" and (gone := likely_missing(cells))}
    ways = max((len(found) for found in readings.values()), default=1)
    chosen = [{name: found[min(n, len(found) - 1)] for name, found in readings.items()} for n in range(ways)]
    lines = [line for forms in chosen if (line := _cure(source, forms, blanks, spec, kinds))]
    lines = lines or finer_cures(source, texts, spec, kinds, headers) or [_doubles(source, texts, spec, kinds)]
    return [line for line in dict.fromkeys(lines) if line]


def mixed_columns(rejected: pl.DataFrame, source: str, spec: Source, kinds: Mapping[str, ColumnKind], readable: Readable) -> list[str]:
    """Columns of numbers that are written in two ways: what would read the rejected cells would not read the others."""
    texts = _texts(rejected.filter((pl.col("source") == source) & pl.col("code").is_in(UNREADABLE)), spec, kinds)
    numbers = {name: cells for name, cells in texts.items() if name in kinds and _is_number(name, kinds)}
    return [
        name for name, cells in numbers.items() if _readings(name, cells, spec, ()) and not _readings(name, cells, spec, readable(name))
    ]


def _cure(source: str, forms: Mapping[str, Said], blanks: Mapping[str, list[str]], spec: Source, kinds: Mapping[str, ColumnKind]) -> str:
    """The line that says these forms and these texts; empty where it would say nothing new."""
    new = {name: form for name, form in forms.items() if form != _declared(name, spec)}
    return f"sources: {yaml_line({source: _source_keys(new, blanks, spec, kinds)})}" if new or blanks else ""


def _texts(cells: pl.DataFrame, spec: Source, kinds: Mapping[str, ColumnKind]) -> dict[str, list[str]]:
    """Distinct texts per column; those of a formula per header, under the formula's and the header's name."""
    found: dict[str, list[str]] = {}
    distinct = cells.select("column", "raw").drop_nulls().unique(maintain_order=True)
    for (column,), rows in distinct.group_by("column", maintain_order=True):
        name, raw = str(column), rows["raw"].head(MOST_LOOKED_AT).to_list()
        declared = spec.columns.get(name)
        if declared is not None and declared.formula is not None:
            for header, text in (operand.partition("=")[::2] for cell in raw for operand in cell.split("; ") if "=" in operand):
                found.setdefault(f"{name}|{header}", []).append(text)
        elif name in kinds:
            found[name] = raw
    return found


def _is_number(name: str, kinds: Mapping[str, ColumnKind]) -> bool:
    return "|" in name or kinds[name].type in ("money", "number")


def _readings(name: str, cells: Sequence[str], spec: Source, readable: Sequence[str]) -> list[Said]:
    """The forms that the cells fit and those that are read already, beside what is declared; none where they are plain or of another
    currency.
    """
    declared, half = _declared(name, spec), MOST_LOOKED_AT // 2
    looked_at = [*cells[:half], *readable[:half]] if readable else cells
    said_so = [_with_signs(declared | reading, declared) for reading in number_readings(looked_at)]
    found = [said for said in said_so if _can_stand(said)]
    return found if any(said != declared for said in found) else []


def _declared(name: str, spec: Source) -> Said:
    numbers = spec.numbers_of(name)
    return _with_signs(numbers.model_dump(exclude_unset=True), {}) if numbers else {}


def _with_signs(said: Said, declared: Said) -> Said:
    """With the signs of currency that are declared already."""
    signs = dict.fromkeys([*_signs(declared), *_signs(said)])
    return said | ({"currency": next(iter(signs)) if len(signs) == 1 else list(signs)} if signs else {})


def _signs(said: Said) -> list[str]:
    signs = said.get("currency", [])
    return [signs] if isinstance(signs, str) else list(signs)


def _can_stand(said: Said) -> bool:
    """Whether these keys can stand together, and are not two currencies or two uses of one mark."""
    try:
        Numbers.model_validate(said)
    except ValueError:
        return False
    return True


def _source_keys(forms: Mapping[str, Said], blanks: Mapping[str, list[str]], spec: Source, kinds: Mapping[str, ColumnKind]) -> Said:
    """The keys of the source: one form for all its numbers where that spoils no other column, else one per column."""
    keys: Said = {}
    together: Said | None = {}
    for form in forms.values():
        together = None if together is None or any(together.get(key, held) != held for key, held in form.items()) else together | form
    numbers = {name for name in kinds if _is_number(name, kinds) and not (name in spec.columns and spec.columns[name].formula)}
    spoils = together is None or ("decimal" in together and not numbers <= forms.keys())
    if forms and not spoils:
        keys["numbers"] = together
    elif forms:
        keys |= {name: _column(name, spec) | {"numbers": form} for name, form in forms.items() if "|" not in name}
        keys |= next(({"numbers": form} for name, form in forms.items() if "|" in name), {})
    if blanks:
        keys["missing"] = sorted({*spec.missing, *(text for found in blanks.values() for text in found)})
        keys |= {name: keys.get(name, _column(name, spec)) | {"optional": True} for name in blanks if kinds[name].required}
    return keys


def _column(name: str, spec: Source) -> Said:
    """What the rubric says of a column already."""
    declared = spec.columns.get(name)
    said = declared.model_dump(by_alias=True, exclude_unset=True) if declared else {}
    header = said.get("column", [])
    return said | ({"column": header[0]} if len(header) == 1 else {})


def _doubles(source: str, texts: Mapping[str, Sequence[str]], spec: Source, kinds: Mapping[str, ColumnKind]) -> str:
    """That numbers are doubles as a program printed them, where cells look like that."""
    numbers = [cell for name, cells in texts.items() if _is_number(name, kinds) for cell in cells]
    said = spec.numbers.model_dump(exclude_unset=True) if spec.numbers else {}
    if said.get("doubles") or not any(is_printed_double(cell) for cell in numbers):
        return ""
    return f"sources: {yaml_line({source: {'numbers': _with_signs(said | {'doubles': True}, {})}})}"

"""One verdict per check and cell; good rows and rejected rows together are the input, always."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals as nw

from custier.characters import ROUNDED_ID, unseen_class
from custier.rubric.columns import DIFFERS, NOT_FINITE, RAW, UNREAD, ColumnKind, frame_name
from custier.rubric.numbers import Numbers
from custier.rubric.plan import day_number
from custier.rubric.suspects import mark
from custier.rubric.written import more_than, pattern
from custier.validate.records import compared, with_differences
from custier.validate.suspects import NEVER_IN_FUTURE, Suspicion
from custier.values import REJECTED

PLAIN = r"^\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*$"
UNSEEN = unseen_class()


@dataclass(frozen=True)
class Cell:
    """One column of one source, as a check sees it."""

    source: str
    column: str
    kind: ColumnKind
    today: date

    @property
    def value(self) -> nw.Expr:
        return nw.col(frame_name(self.column))

    @property
    def raw(self) -> nw.Expr:
        return nw.col(frame_name(self.column) + RAW)


@dataclass(frozen=True)
class Check:
    """What must be true of a cell; `verdict` is None where the check does not apply to the column."""

    name: str
    code: str
    message: str
    verdict: Callable[[Cell], nw.Expr | None]


def validate_rows(frame: Any, source: str, columns: Mapping[str, ColumnKind], *, today: date) -> tuple[Any, Any]:
    """Rows of a source → good rows without their raw cells, and rejected cells; every row is in exactly one of the two.

    In: file, line, `kept` and for each column its value and <name>__raw. Rejected: REJECTED, one row per cell that failed a check, sorted
    by file, line and column. Frames are narwhals frames, eager or lazy.
    """
    frame = with_differences(frame.with_columns(kept=nw.lit(True), sound=is_sound(source, columns, today)), source, columns)
    working = [frame_name(column) + RAW for column in columns] + [frame_name(c) + DIFFERS for c in compared(source, columns)]
    good = frame.filter(nw.col("sound")).drop("kept", "sound", *working)
    return good, rejected_cells(frame.filter(~nw.col("sound")), source, columns, today=today)


def is_sound(
    source: str, columns: Mapping[str, ColumnKind], today: date, *, marked: bool = False, numbered: Collection[str] = ()
) -> nw.Expr:
    """Whether a row, looked at alone, passes every check, over the columns that `validate_rows` takes.

    marked: the rows need no raw cells; <name>__unread (bool) says whether a cell holds something that gives no value.
    numbered: text columns held as the number in them, which has nothing invisible and is in full.
    """
    cells = [Cell(source, name, kind, today) for name, kind in columns.items()]
    if not cells:
        return nw.lit(True)
    return nw.all_horizontal(*(_sound(c, marked, numbered) for c in cells), ignore_nulls=False).fill_null(False)


def _sound(cell: Cell, marked: bool, numbered: Collection[str]) -> nw.Expr:
    """Whether no check of the cell fails, told without a look at its text, which is slow and seldom needed."""
    read = ~nw.col(frame_name(cell.column) + UNREAD) if marked else _read(cell)
    filled = ~cell.value.is_null() if cell.kind.required else read
    plain = None if cell.column in numbered else _none_of(cell, f"{UNSEEN}|{ROUNDED_ID}")
    looked_at = [v for v in (plain, _not_future(cell)) if v is not None]
    return nw.all_horizontal(filled, *looked_at, ignore_nulls=False).fill_null(False)


def rejected_cells(
    suspects: Any, source: str, columns: Mapping[str, ColumnKind], *, today: date, suspicions: Iterable[Suspicion] = ()
) -> Any:
    """Rows that are not sound, with their raw cells, and compared by `with_differences` → REJECTED, as `validate_rows` tells them.

    suspicions: those that reject rows, which `with_suspicions` has marked.
    """
    cells = [Cell(source, name, kind, today) for name, kind in columns.items()]
    verdicts = {f"{cell.column}|{check.name}": verdict for cell, check, verdict in _verdicts(cells)}
    judged = suspects.with_columns(**{name: verdict.fill_null(False) for name, verdict in verdicts.items()})
    found = []
    for cell in cells:
        passed = nw.lit(True)
        for check in (k for c, k, _ in _verdicts([cell])):
            verdict = nw.col(f"{cell.column}|{check.name}")
            found.append(judged.filter(passed & ~verdict).select(*_report(cell, check)))
            passed = passed & verdict
    for suspicion in suspicions:
        before = [nw.col(f"{c.column}|{k.name}") for c, k, _ in _verdicts(cells) if c.column == suspicion.column]
        suspected = nw.all_horizontal(nw.col(mark(suspicion.key)), *before, ignore_nulls=False)
        found.append(judged.filter(suspected).select(*_suspected(suspicion, source, suspects)))
    return nw.concat(found).sort("file", "line", "column")


def _verdicts(cells: list[Cell]) -> Iterator[tuple[Cell, Check, nw.Expr]]:
    for cell in cells:
        for check in CHECKS:
            if (verdict := check.verdict(cell)) is not None:
                yield cell, check, verdict


def _report(cell: Cell, check: Check) -> list[nw.Expr]:
    return _told(cell.source, cell.column, check.code, f"{cell.column} {check.message}", cell.raw)


def _suspected(suspicion: Suspicion, source: str, rows: Any) -> list[nw.Expr]:
    raw = frame_name(suspicion.column) + RAW
    held = nw.col(raw) if raw in rows.collect_schema().names() else nw.lit(None, nw.String())
    message = f"{suspicion.column} {suspicion.message}".strip()
    return _told(source, suspicion.column, suspicion.code, message, held)


def _told(source: str, column: str, code: str, message: str, raw: nw.Expr) -> list[nw.Expr]:
    texts = {"source": source, "column": column, "code": code, "message": message}
    told = {name: nw.lit(text) for name, text in texts.items()} | {"raw": raw}
    return [told.get(name, nw.col(name)).alias(name) for name in REJECTED]


def _present(cell: Cell) -> nw.Expr | None:
    return ~(cell.value.is_null() & cell.raw.is_null()) if cell.kind.required else None


def _finite(cell: Cell) -> nw.Expr | None:
    return _read(cell) | ~cell.raw.str.contains(NOT_FINITE) if _is_number(cell) and cell.kind.required else None


def _plain(cell: Cell) -> nw.Expr | None:
    if not _is_number(cell):
        return None
    form = cell.kind.numbers
    return _read(cell) | cell.raw.str.contains(PLAIN if form is None or form.is_plain else pattern(form))


def _decimals(cell: Cell) -> nw.Expr | None:
    too_many = more_than(cell.kind.decimals, cell.kind.numbers or Numbers())
    return _read(cell) | ~cell.raw.str.contains(too_many) if _is_number(cell) else None


def _in_range(cell: Cell) -> nw.Expr | None:
    return _read(cell) if _is_number(cell) else None


def _whole_id(cell: Cell) -> nw.Expr | None:
    return _read(cell) if cell.kind.type == "text" else None


def _visible(cell: Cell) -> nw.Expr | None:
    return _none_of(cell, UNSEEN)


def _in_full(cell: Cell) -> nw.Expr | None:
    return _none_of(cell, ROUNDED_ID)


def _none_of(cell: Cell, pattern: str) -> nw.Expr | None:
    return cell.value.is_null() | ~cell.value.str.contains(pattern) if cell.column == "customer" else None


def _a_date(cell: Cell) -> nw.Expr | None:
    return _read(cell) if cell.kind.type == "date" else None


def _not_future(cell: Cell) -> nw.Expr | None:
    if cell.column != "date" or cell.source not in NEVER_IN_FUTURE:
        return None
    return cell.value.is_null() | (nw.col(f"{cell.column}_day") <= day_number(cell.today))


def _agrees(cell: Cell) -> nw.Expr | None:
    return ~nw.col(frame_name(cell.column) + DIFFERS) if any(compared(cell.source, [cell.column])) else None


def _is_number(cell: Cell) -> bool:
    return cell.kind.type in ("money", "number")


def _read(cell: Cell) -> nw.Expr:
    """A filled cell has its value, so what it looks like as a text does not matter any more; NaN and inf fill nothing."""
    read = cell.raw.is_null() | ~cell.value.is_null()
    return read | cell.raw.str.contains(NOT_FINITE) if _is_number(cell) and not cell.kind.required else read


CHECKS = [
    Check("present", "CT3002", "is blank", _present),
    Check("finite", "CT3103", "is not a finite number", _finite),
    Check("number", "CT3102", "is not a plain number", _plain),
    Check("decimals", "CT3104", "has more decimals than the column holds", _decimals),
    Check("range", "CT3105", "is too large to be summed exactly", _in_range),
    Check("whole", "CT3005", "is not a whole number, so it is no identifier", _whole_id),
    Check("visible", "CT3006", "has control or invisible characters", _visible),
    Check("in_full", "CT3009", "is in scientific notation, so that its last digits are lost", _in_full),
    Check("date", "CT3201", "is not a date in the form of the column", _a_date),
    Check("not_future", "CT3203", "is dated later than today", _not_future),
    Check("agrees", "CT3008", "differs from another record of the customer", _agrees),
]
"""In the order in which a cell is told what is wrong with it: the first failed check of a cell is the one reported."""

"""Which tables the statement reads, and which columns of which types it expects there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlglot import exp
from sqlglot.errors import SqlglotError

from custier.errors import Problem, RubricError, UsageError, nearest
from custier.export.operands import TYPED_CURE, CellType, operand_types, tree_of
from custier.rubric.columns import ColumnKind, kind_of
from custier.rubric.model import Rubric, Source
from custier.rubric.suspects import action_of
from custier.rubric.wanted import wanted_columns

HELD_AS: dict[str, CellType] = {"text": "text", "money": "number", "number": "number", "date": "date"}


@dataclass(frozen=True)
class Asked:
    """What the command line says: the dialect, the last day that counts, tables by source, columns that the tables do not have."""

    dialect: str
    as_of: date
    tables: Mapping[str, str]
    without: Collection[str] = ()


@dataclass(frozen=True)
class Expected:
    """A table as the statement reads it.

    headers: canonical column → the table's; kinds: how each canonical column is held; formulas: canonical column (or `where`) → its
    formula over headers; operands: the headers that formulas read; types: every header that is read → what it must be.
    """

    source: str
    table: str
    headers: dict[str, str]
    kinds: dict[str, ColumnKind]
    formulas: dict[str, str]
    operands: list[str]
    types: dict[str, CellType]
    spec: Source


def expected_tables(rubric: Rubric, asked: Asked) -> list[Expected]:
    """The table of every source that is needed or named; raises UsageError and RubricError."""
    _refuse_unknown(rubric, asked)
    named = {name: asked.tables.get(name, name) for name, spec in rubric.sources.items() if name in asked.tables or not spec.optional}
    problems = list(_inexpressible(rubric, set(named)))
    if problems:
        raise RubricError(problems)
    return [_expected(rubric, source, table, asked.without) for source, table in named.items()]


def table_named(text: str, dialect: str) -> exp.Table:
    """A table's name as it is written in this dialect; raises UsageError."""
    try:
        return exp.to_table(text, dialect=dialect)
    except SqlglotError:
        raise UsageError(Problem("CT1900", f"`{text}` is not the name of a table", "--table", "write it as transactions=sales")) from None


def _refuse_unknown(rubric: Rubric, asked: Asked) -> None:
    """CT1902 for a table of no source, CT1900 for a column that no source takes or that cannot be left out."""
    problems = [
        Problem("CT1902", f"the rubric has no source `{name}`", "--table", _nearest(name, rubric.sources))
        for name in asked.tables
        if name not in rubric.sources
    ]
    can_go = {f"{s}.{c}" for s in rubric.sources for c, must in wanted_columns(rubric, s).items() if not must}
    problems += [
        Problem("CT1900", f"`{name}` is no column that the rubric can do without", "--without", _nearest(name, can_go))
        for name in asked.without
        if name not in can_go
    ]
    if problems:
        raise UsageError(problems)


def _nearest(name: str, known: Collection[str]) -> str:
    near = nearest(name, known)
    return f"the nearest is `{near}`" if near else f"there are {', '.join(sorted(known)) or 'none'}"


def _inexpressible(rubric: Rubric, named: set[str]) -> Iterator[Problem]:
    """CT1910 for what only reading files, or a run that can fail, can do."""
    for source in sorted(named):
        for key, why in _only_read(rubric.sources[source]):
            yield Problem("CT1910", f"`{key}` {why}", f"sources.{source}.{key}", f"leave `{key}` out and see to it in the warehouse")
        for name, column in rubric.sources[source].columns.items():
            for key in ("format", "timezone"):
                if getattr(column, key) is not None:
                    what = f"`{name}` is a text that is read by a {key}, and SQL gets dates only"
                    yield Problem("CT1910", what, f"sources.{source}.{name}.{key}", f"leave `{key}` out and {TYPED_CURE}")
        yield from _own_forms(rubric, source)
    for name, criterion in rubric.score.items():
        if criterion.missing == "fail":
            what = f"the criterion `{name}` says `missing: fail`, and a statement cannot fail"
            yield Problem("CT1910", what, f"score.{name}.missing", "say what a missing value earns: points, skip or unrated")


def _own_forms(rubric: Rubric, source: str) -> Iterator[Problem]:
    spec = rubric.sources[source]
    places = {f"sources.{source}": spec} | {f"sources.{source}.{name}": column for name, column in spec.columns.items()}
    for name, column in spec.columns.items():
        if column.columns:
            what = f"`{name}` joins columns, and the statement takes one"
            yield Problem("CT1910", what, f"sources.{source}.{name}.columns", f"leave `columns` out and {TYPED_CURE}")
    for place, said in places.items():
        for key in ("numbers", "missing"):
            if getattr(said, key):
                what = f"`{key}` says how texts are read, and SQL gets numbers and nulls only"
                yield Problem("CT1910", what, f"{place}.{key}", f"leave `{key}` out and {TYPED_CURE}")


def _only_read(spec: Source) -> Iterator[tuple[str, str]]:
    """Keys that look at rows as they stand in files, and why a statement cannot."""
    for key in ("duplicates", "same_order", "overlaps"):
        if action_of(spec, key) != "keep":
            yield key, "compares the rows of files, which a statement does not read"
    if spec.ids is not None and not spec.ids.is_exact:
        yield "ids", "reads ids in another spelling, and a statement takes them as they are"


def _expected(rubric: Rubric, source: str, table: str, without: Collection[str]) -> Expected:
    spec = rubric.sources[source]
    taken = [c for c in wanted_columns(rubric, source) if f"{source}.{c}" not in without]
    formulas = {name: c.formula for name, c in spec.columns.items() if c.formula is not None and name in taken}
    headers = {name: _header(spec, name) for name in taken if name not in formulas}
    kinds = {name: kind_of(source, name, spec.columns.get(name), rubric.currency_decimals) for name in (*headers, *formulas)}
    types: dict[str, CellType] = {header: HELD_AS[kinds[name].type] for name, header in headers.items()}
    formulas |= {"where": spec.where} if spec.where is not None else {}
    trees = [tree_of(text, {*kinds, *types}, f"sources.{source}.{place}") for place, text in formulas.items()]
    operands = operand_types(trees, kinds, headers, types)
    return Expected(source, table, headers, kinds, formulas, sorted(operands), types | operands, spec)


def _header(spec: Source, column: str) -> str:
    """The first header that the rubric names, else the canonical name."""
    declared = spec.columns.get(column)
    return declared.header[0] if declared is not None and declared.header else column

"""Which header of each export is which canonical column: the one that the rubric names, or the usual one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from custier.errors import Problem
from custier.read.absent import absent_columns
from custier.read.export import Export
from custier.read.units import multiple_in
from custier.rubric.columns import fold, usual_columns
from custier.rubric.model import Source


@dataclass(frozen=True)
class Mapped:
    """Canonical column → position of its header, for one export."""

    export: Export
    positions: dict[str, int]


def map_columns(source: str, spec: Source, exports: Sequence[Export], needed: Mapping[str, bool]) -> tuple[list[Mapped], list[Problem]]:
    """The headers of all exports, each file by its own; needed: column → whether it must be found. Problems CT2104, CT2201–CT2203."""
    mapped: list[Mapped] = []
    problems: list[Problem] = []
    lacking: list[tuple[Export, list[str]]] = []
    for export in exports:
        positions: dict[str, int] = {}
        absent: list[str] = []
        for column, must in needed.items():
            found = _candidates(source, spec, column, export.header)
            if len(found) == 1:
                positions[column] = found[0]
            elif found:
                problems.append(_several(source, column, export, found))
            elif must:
                absent.append(column)
        mapped.append(Mapped(export, positions))
        lacking.append((export, absent))
    problems += absent_columns(source, spec, lacking)
    return mapped, problems or list(_in_some_only(source, spec, mapped))


def _candidates(source: str, spec: Source, column: str, header: Sequence[str]) -> list[int]:
    declared, numbers = spec.columns.get(column), spec.numbers_of(column)
    called = [_without_unit(h, 10**numbers.shift if numbers else 1) for h in header]
    if declared is not None and declared.header:
        exact = [i for i, h in enumerate(header) if h in declared.header]
        folded = {fold(h) for h in declared.header}
        return exact or [i for i, h in enumerate(called) if h in folded]
    taken = {fold(h) for name, other in spec.columns.items() if name != column for h in other.header}
    usual = usual_columns(source).get(column)
    names = (usual.folded if usual else {fold(column)}) - taken
    return [i for i, h in enumerate(called) if h in names]


def _without_unit(header: str, multiple: int) -> str:
    """A header as it is compared, without the unit that the rubric says its numbers are counted in."""
    said = multiple_in(header) if multiple > 1 else None
    return said[0] if said and said[1] == multiple else fold(header)


def _several(source: str, column: str, export: Export, found: Sequence[int]) -> Problem:
    names = [export.header[i] for i in found]
    if len(set(names)) == 1:
        return twice(names[0], export)
    what = f"the headers {' and '.join(f'`{n}`' for n in names)} both fit the column `{column}`"
    return Problem("CT2202", what, export.file.name, f"say which one is meant: sources: {{{source}: {{{column}: {names[0]}}}}}")


def twice(header: str, export: Export) -> Problem:
    """A header that stands for two columns."""
    return Problem(
        "CT2104",
        f"the header `{header}` is there twice, and the rubric needs it",
        export.file.name,
        "rename or remove one of the two columns",
    )


def _in_some_only(source: str, spec: Source, mapped: Sequence[Mapped]) -> Iterator[Problem]:
    """A column that some files have and others lack would be blank in part, unsaid."""
    anywhere = {c: m.export.file.name for m in reversed(mapped) for c in m.positions}
    for lacking in mapped:
        for column in anywhere.keys() - lacking.positions.keys():
            declared = spec.columns.get(column)
            if declared is None or not declared.optional:
                what = f"has no column `{column}`, which {anywhere[column]} has"
                cure = f"export it too, or allow it to be absent: sources: {{{source}: {{{column}: {{column: …, optional: true}}}}}}"
                yield Problem("CT2203", what, lacking.export.file.name, cure)

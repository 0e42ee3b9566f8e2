"""What to say of columns that an export does not have."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from custier.errors import Problem
from custier.read.declared import declare
from custier.read.export import Export
from custier.read.first_line import is_data, proposed_names, shown
from custier.read.units import in_rubric, multiple_in, whole_units
from custier.rubric.columns import fold, usual_columns
from custier.rubric.model import Source
from custier.rubric.yaml_line import yaml_line

ALIKE = 0.82
"""Letters in common: `amonut` is meant for `amount`, `quality` is not for `quantity`."""

OR_CORRECT = "or correct the header in the file"


def absent_columns(source: str, spec: Source, lacking: Iterable[tuple[Export, Sequence[str]]]) -> Iterator[Problem]:
    """CT2201 for each column that an export lacks; a list of headers is told once."""
    told: set[tuple[str, ...]] = set()
    lacking = list(lacking)
    elsewhere = {c: other.header for _, columns in lacking for c in columns for other, without in lacking if c not in without}
    for export, columns in lacking:
        if export.not_a_header and columns:
            yield export.not_a_header
            continue
        if columns and is_data([name for name in export.header if name]):
            yield _a_row(source, export)
            continue
        for column in columns:
            have = "" if export.header in told else f"; {shown(export.header)}"
            told.add(export.header)
            cure = _cure(source, spec, column, export.header, elsewhere.get(column, ()))
            yield Problem("CT2201", _sought(spec, column) + have, export.file.name, cure)


def _a_row(source: str, export: Export) -> Problem:
    """CT2201 for the line at which the rubric points as the header, without a word of it: it may be anybody's."""
    names = declare(source, "header", proposed_names(export.header, source))
    cure = f"correct `header_line`; or, where the file has no header, name its columns in their order: {names}"
    return Problem("CT2201", "the line taken for the header looks like a row", export.file.name, cure)


def _sought(spec: Source, column: str) -> str:
    declared = spec.columns.get(column)
    if declared is None or not declared.header:
        return f"no usual header for the column `{column}`"
    return f"no header {' or '.join(f'`{h}`' for h in declared.header)} for the column `{column}`"


def _cure(source: str, spec: Source, column: str, header: Sequence[str], elsewhere: Sequence[str]) -> str:
    """What to say in the rubric; elsewhere: the headers of another file that has the column, which must be read as before."""
    usual, declared = usual_columns(source).get(column), spec.columns.get(column)
    asked = [column, *(usual.headers.split("|") if usual else [])] if declared is None or not declared.header else list(declared.header)
    bases = {fold(a) for a in asked}
    if in_multiples := next((h for h in header if (unit := multiple_in(h)) and unit[0] in bases), None):
        formula = f"sources: {{{source}: {{{whole_units(in_multiples, column)}}}}}"
        return _other_unit(in_multiples, formula) if elsewhere else f"`{in_multiples}` needs a formula: {formula}"
    others = {f for name, other in usual_columns(source).items() if name != column for f in other.folded}
    near = most_alike(asked, [h for h in header if fold(h) not in others])
    if there := [h for h in elsewhere if fold(h) in bases]:
        both = list(dict.fromkeys([*(declared.header if declared else ()), *there, near or "<header>"]))
        cure = f"other files have it; name the headers of all: {_named(source, spec, column, both)}, {OR_CORRECT}"
    else:
        cure = f"name the header: sources: {{{source}: {{{column}: {near or '<header>'}}}}}, {OR_CORRECT}"
    return f"the nearest header is `{near}`; {cure}" if near else cure


def _other_unit(header: str, formula: str) -> str:
    """One formula is for all files of a source, so it must not be proposed beside files in whole units."""
    return (
        f"`{header}` counts in another unit than the other files, and the rubric says one for all: export this file again as the others"
        f" are, or convert its numbers and rename the header; only where every file has `{header}`: {formula}"
    )


def _named(source: str, spec: Source, column: str, headers: Sequence[str]) -> str:
    """The line of the rubric with these headers, and with what it says of the column already."""
    said = spec.columns[column].model_dump(by_alias=True, exclude_unset=True) if column in spec.columns else {}
    return f"sources: {yaml_line({source: {column: said | {'column': headers} if said.keys() > {'column'} else headers}})}"


def most_alike(asked: Iterable[str], header: Sequence[str]) -> str | None:
    """The header that one of these words is likely a slip for; None where they are other words."""
    by_folded = {fold(h): h for h in header}
    found = (match for word in asked for match in get_close_matches(fold(word), list(by_folded), n=1, cutoff=ALIKE))
    return by_folded.get(next(found, ""))


def absent_from_formula(name: str, place: str, text: str, export: Export, *, elsewhere: bool = False) -> Problem:
    """CT2201 for a name in a formula that is no header; a header that lacks its double quotes is told as such.

    elsewhere: whether another file has that header, so that it is the file which differs, not the formula.
    """
    if export.not_a_header:
        return export.not_a_header
    what = f"no header `{name}`, which the formula of `{place}` uses"
    if elsewhere:
        cure = "other files have it, and a formula is for all files: export this file again as they are, or convert it, header and all"
        return Problem("CT2201", what, export.file.name, cure)
    bare = next((h for h in export.header if _stands_bare(h, text)), None)
    quoted = in_rubric(place, _quoted(text, bare)) if bare else in_rubric(place, '"Unit Price" * quantity')
    near = most_alike([name], export.header)
    quote = f"a header with spaces or brackets stands in double quotes: {quoted}"
    cure = f"the nearest header is `{near}`; {quote}" if near and not bare else quote
    return Problem("CT2201", what, export.file.name, f"{cure}, {OR_CORRECT}")


def _stands_bare(header: str, text: str) -> bool:
    plain, within = (unicodedata.normalize("NFKC", t) for t in (header, text))
    return not plain.isidentifier() and plain in within and f'"{header}"' not in text


def _quoted(text: str, header: str) -> str:
    """The formula with the header as the file has it, in double quotes."""
    if header not in text:
        text, header_there = (unicodedata.normalize("NFKC", t) for t in (text, header))
    else:
        header_there = header
    return text.replace(f'"{header_there}"', header_there).replace(header_there, f'"{header}"')

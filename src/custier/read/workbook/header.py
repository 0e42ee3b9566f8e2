"""What to say of a first line of a sheet in which columns are not found: a title above the header, or a row."""

from __future__ import annotations

from collections.abc import Sequence

from custier.errors import Problem
from custier.read.declared import declare
from custier.read.first_line import is_data, proposed_names
from custier.read.workbook.sheets import Sheet

LOOKED_AT_ROWS = 12


def no_header(source: str, name: str, sheet: Sheet, lines: Sequence[int]) -> Problem | None:
    """CT2201 for the first of these lines where it is no header; None where it looks like one.

    A cell that is merged over several has its text in the first of them, so titles fill fewer cells than the header below.
    """
    found = {line: [cell for cell in sheet.cells(line) if cell] for line in lines[:LOOKED_AT_ROWS]}
    first = found[lines[0]]
    widest = max(found, key=lambda line: len(found[line]))
    if len(found[widest]) > max(len(first), 1) and not is_data(found[widest]):
        what = "the first line looks like a title above the header"
        cure = f"the header seems to be line {widest}: {declare(source, 'header_line', str(widest))}"
    elif is_data(first):
        what = "the first line looks like a row, not like a header"
        names = declare(source, "header", proposed_names(sheet.cells(lines[0]), source))
        cure = f"name its columns in their order, as far as these are not right: {names}"
    else:
        return None
    return Problem("CT2201", what, f"{name}:{lines[0]}", cure)

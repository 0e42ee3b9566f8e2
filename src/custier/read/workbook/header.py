"""What to say of a first line of a sheet in which columns are not found: a title above the header, or a row."""

from __future__ import annotations

from collections.abc import Sequence

from custier.errors import Problem
from custier.read.first_line import LOOKED_AT_LINES, is_data
from custier.read.workbook.sheets import Sheet


def no_header(source: str, name: str, sheet: Sheet, lines: Sequence[int]) -> Problem | None:
    """CT2201 for the first of these lines where it is no header; None where it looks like one.

    A cell that is merged over several has its text in the first of them, so titles fill fewer cells than the header below.
    """
    found = {line: [cell for cell in sheet.cells(line) if cell] for line in lines[:LOOKED_AT_LINES]}
    first = found[lines[0]]
    widest = max(found, key=lambda line: len(found[line]))
    if len(found[widest]) > max(len(first), 1) and not is_data(found[widest]):
        what = "the first line looks like a title above the header"
        cure = f"say which line is the header: sources: {{{source}: {{header_line: {widest}}}}}"
    elif is_data(first):
        what = "the first line looks like a row, not like a header"
        cure = f"name the columns in their order: sources: {{{source}: {{header: [customer, date, amount]}}}}"
    else:
        return None
    return Problem("CT2201", what, f"{name}:{lines[0]}", cure)

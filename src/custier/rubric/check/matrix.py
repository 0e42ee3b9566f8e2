"""Whether a matrix has a tier for every pair of labels, and names nothing that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from custier.errors import listed, nearest
from custier.rubric.bands import band_faults
from custier.rubric.check.finding import Finding, Findings
from custier.rubric.matrix import SIDES, Axis, Matrix
from custier.rubric.model import Rubric
from custier.rubric.plan import can_be_missing
from custier.rubric.yaml_file import Place
from custier.values import UNRATED

ASKING = ("score", "when", "top", "next", "cumulative_share", "by", "within")


def matrix_is_full(rubric: Rubric) -> Findings:
    matrix = rubric.matrix
    if matrix is None:
        return
    absent = _empty_cells(matrix, rubric)
    if absent:
        cells = f"cell{'s' if len(absent) > 1 else ''} {listed(absent, 12)}"
        cure = f"{matrix.rows.name} gives the rows, {matrix.columns.name} the columns; name a tier in each cell"
        yield Finding(("matrix", "tiers"), "CT1460", f"the matrix has no tier for the {cells}", cure)


def matrix_names_what_there_is(rubric: Rubric) -> Findings:
    matrix = rubric.matrix
    if matrix is None:
        return
    yield from _unknown_segments(matrix, rubric)
    rows, columns = _labels(matrix.rows, rubric), _labels(matrix.columns, rubric)
    for row, cells in matrix.tiers.items():
        if rows and row not in rows:
            yield _unknown(("matrix", "tiers", row), row, f"a label of {matrix.rows.name}", rows)
        for column, tier in cells.items():
            if columns and column not in columns:
                yield _unknown(("matrix", "tiers", row, column), column, f"a label of {matrix.columns.name}", columns)
            if tier not in rubric.tier_names:
                yield _unknown(("matrix", "tiers", row, column), tier, "a tier of this rubric", rubric.tier_names)


def matrix_alone_makes_tiers(rubric: Rubric) -> Findings:
    """Beside a matrix no tier asks for anything; one that no cell has is only reached through a rule."""
    if rubric.matrix is None:
        return
    named = {tier for cells in rubric.matrix.tiers.values() for tier in cells.values()}
    moved = any(rule.up is not None or rule.down is not None for rule in rubric.rules)
    named |= {str(rule.effect[1]) for rule in rubric.rules}
    for i, tier in enumerate(rubric.tiers):
        asked = next((key for key in ASKING if getattr(tier, key) is not None), None)
        if asked is not None:
            what = f"the tier `{tier.name}` asks for `{asked}`, and the matrix makes the tiers"
            yield Finding(("tiers", i, asked), "CT1462", what, "leave it out, or say it as a rule; or leave the matrix out")
        elif tier.name not in named and not moved and not _empty_cells(rubric.matrix, rubric):
            what = f"the tier `{tier.name}` is never reached, because no cell of the matrix and no rule leads to it"
            yield Finding(("tiers", i), "CT1407", what, "give it a cell, or leave it out")


def axes_hold_every_value_once(rubric: Rubric) -> Findings:
    for side, axis in _axes(rubric):
        labels = list(axis.bands or {})
        for fault in band_faults(list((axis.bands or {}).values())) if labels else ():
            place: Place = ("matrix", side, "bands", *(() if fault.band is None else (labels[fault.band],)))
            cure = fault.help.replace("{otherwise: points}", "{label: otherwise}")
            yield Finding(place, fault.code, f"{fault.what} in matrix.{side}", cure)


def axes_say_what_missing_means(rubric: Rubric) -> Findings:
    for side, axis in _axes(rubric):
        labels = list(axis.bands or {})
        if UNRATED in labels:
            cure = "choose another name"
            yield Finding(("matrix", side, "bands", UNRATED), "CT1405", f"`{UNRATED}` is kept for customers who are not graded", cure)
        if axis.missing is not None and axis.missing not in (*labels, UNRATED):
            yield _unknown(("matrix", side, "missing"), axis.missing, f"a label of {axis.name}", [*labels, UNRATED])
        if axis.metric is not None and axis.missing is None and can_be_missing(rubric, axis.metric):
            what = f"`{axis.metric}` can be missing, and matrix.{side} does not say what that means"
            yield Finding(("matrix", side), "CT1415", what, f"add missing: {labels[-1]}, another label, or unrated")


def _axes(rubric: Rubric) -> Iterator[tuple[str, Axis]]:
    if rubric.matrix is not None:
        yield from ((side, getattr(rubric.matrix, side)) for side in SIDES)


def _empty_cells(matrix: Matrix, rubric: Rubric) -> list[str]:
    rows, columns = _labels(matrix.rows, rubric), _labels(matrix.columns, rubric)
    return [f"{row} × {column}" for row in rows for column in columns if column not in matrix.tiers.get(row, {})]


def _labels(axis: Axis, rubric: Rubric) -> list[str]:
    """The labels that an axis can have; none where its segment is not known."""
    return list(axis.bands or ()) if axis.segment is None else list(rubric.segments.get(axis.segment, ()))


def _unknown_segments(matrix: Matrix, rubric: Rubric) -> Findings:
    for side in SIDES:
        segment = getattr(matrix, side).segment
        if segment is not None and segment not in rubric.segments:
            near = nearest(segment, rubric.segments)
            cure = f"the nearest segment is `{near}`" if near else "declare it under segments, or write {metric: …, bands: {…}}"
            yield Finding(("matrix", side), "CT1461", f"`{segment}` is not a segment of this rubric", cure)


def _unknown(place: Place, name: str, wanted: str, known: list[str]) -> Finding:
    near = nearest(name, known)
    return Finding(place, "CT1461", f"`{name}` is not {wanted}", f"the nearest is `{near}`" if near else f"there are {listed(known)}")

"""Why not higher: the points each criterion lost, the most first, and the rules that moved the tier."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import mul

import narwhals as nw

from custier.expressions import first_true, joined, no_number, no_text
from custier.frames import Frame, with_named
from custier.rubric.model import Criterion, Rubric, possible_points

CASE = "case of reasons"
"""Which case a customer is in: equal numbers stand for equal values in all columns that the words are made from."""

MOST_CASES = 2**62


def give_reasons(customers: Frame, rubric: Rubric) -> Frame:
    """Tiered customers → the same with `reasons` (text: `days_late 0/100; spend 60/100; arrears A→B`), `reason_codes` (the
    criteria alone: `days_late; spend`) and `rules` (names of the rules
    whose condition held). Criteria that lost no points are left out; equal losses keep the rubric's order.

    Many customers share their points and rules, so each case is put into words once where the cases can be numbered.
    """
    case = _case(rubric)
    if case is None:
        return _in_words(customers, rubric)
    numbered = customers.with_columns(case.alias(CASE))
    words = _in_words(numbered.select(CASE, *_looked_at(rubric)).unique([CASE]), rubric)
    return numbered.join(words.select(CASE, "reasons", "reason_codes", "rules"), on=CASE, how="left").drop(CASE)


def _looked_at(rubric: Rubric) -> list[str]:
    """The columns that the words are made from."""
    cell = ["matrix_row", "matrix_column"] if rubric.matrix is not None else []
    return [*cell, *(f"points_{name}" for name in rubric.score), *_ranks(rubric), *(f"rule_{r.name}" for r in rubric.rules), "rated"]


def _ranks(rubric: Rubric) -> list[str]:
    return ["rank_before_rules", *(f"rank_after_{r.name}" for r in rubric.rules)] if rubric.rules else []


def _case(rubric: Rubric) -> nw.Expr | None:
    """One whole number for each case that the columns looked at can be in; None where there are more cases than such numbers."""
    digits = [(first_true([(nw.col(name), 1)], 0), 2) for name in ("rated", *(f"rule_{rule.name}" for rule in rubric.rules))]
    spans = [(f"points_{name}", *_span(criterion)) for name, criterion in rubric.score.items()]
    spans += [(name, 0, len(rubric.tiers) - 1) for name in _ranks(rubric)]
    numbers = [(nw.col(name), least, most) for name, least, most in spans]
    numbers += [(_numbered(column, labels), 0, len(labels) - 1) for column, labels in _axes(rubric).items()]
    for number, least, most in numbers:
        digits.append((nw.coalesce(number - (least - 1), nw.lit(0, nw.Int64())), most - least + 2))
    worth = list(accumulate((places for _, places in digits), mul, initial=1))
    return _total([digit * each for (digit, _), each in zip(digits, worth, strict=False)]) if worth[-1] < MOST_CASES else None


def _total(parts: Sequence[nw.Expr]) -> nw.Expr:
    """The sum, added up by halves: told in SQL, a sum from left to right is nested as deep as it is long."""
    half = len(parts) // 2
    return _total(parts[:half]) + _total(parts[half:]) if half else parts[0]


def _axes(rubric: Rubric) -> dict[str, list[str]]:
    """The columns of a cell's labels, and which labels each has."""
    if rubric.matrix is None:
        return {}
    columns = dict.fromkeys(column for row in rubric.matrix.tiers.values() for column in row)
    return {"matrix_row": list(rubric.matrix.tiers), "matrix_column": list(columns)}


def _numbered(column: str, labels: list[str]) -> nw.Expr:
    return first_true([(nw.col(column) == label, i) for i, label in enumerate(labels)], no_number())


def _span(criterion: Criterion) -> tuple[int, int]:
    """The fewest and the most points that a criterion can give."""
    points = possible_points(criterion)
    return min(points), max(points)


def _in_words(customers: Frame, rubric: Rubric) -> Frame:
    lost = {name: _lost(name, criterion) for name, criterion in rubric.score.items()}
    customers = with_named(customers, {f"lost_{name}": expr for name, expr in lost.items()})
    places = {name: _place(name, list(lost)) for name in lost}
    customers = with_named(customers, {f"place_{name}": expr for name, expr in places.items()})
    said = [_at_place(k, rubric) for k in range(1, len(lost) + 1)]
    said = [*_cell_words(rubric), *said]
    said += [nw.when(nw.col("rated")).then(_rule_words(i, rubric)).otherwise(no_text()) for i in range(len(rubric.rules))]
    fired = [nw.when(nw.col(f"rule_{r.name}")).then(nw.lit(r.name)).otherwise(no_text()) for r in rubric.rules]
    codes = [_named_at(k, rubric) for k in range(1, len(lost) + 1)]
    customers = customers.with_columns(reasons=joined(said), reason_codes=joined(codes), rules=joined(fired))
    return customers.drop([f"lost_{name}" for name in lost] + [f"place_{name}" for name in lost])


def _cell_words(rubric: Rubric) -> list[nw.Expr]:
    """`value high, potential low`."""
    if rubric.matrix is None:
        return []
    rows, columns = rubric.matrix.rows.name, rubric.matrix.columns.name
    cell = nw.concat_str(nw.lit(f"{rows} "), nw.col("matrix_row"), nw.lit(f", {columns} "), nw.col("matrix_column"))
    return [nw.when(nw.col("rated")).then(cell).otherwise(no_text())]


def best_points(criterion: Criterion) -> int:
    """The most points a criterion can earn."""
    return _span(criterion)[1]


def _lost(name: str, criterion: Criterion) -> nw.Expr:
    """Weighted points left on the table; none where the criterion does not count."""
    lost = (nw.lit(best_points(criterion), nw.Int64()) - nw.col(f"points_{name}")) * criterion.weight
    return nw.coalesce(lost, nw.lit(0, nw.Int64()))


def _place(name: str, names: list[str]) -> nw.Expr:
    """1 for the criterion that lost most."""
    before = names[: names.index(name)]
    place = nw.lit(1, nw.Int64())
    for other in names:
        if other != name:
            ahead = (
                nw.col(f"lost_{other}") >= nw.col(f"lost_{name}") if other in before else nw.col(f"lost_{other}") > nw.col(f"lost_{name}")
            )
            place = place + first_true([(ahead, 1)], 0)
    return place


def _at_place(k: int, rubric: Rubric) -> nw.Expr:
    cases = []
    for name, criterion in rubric.score.items():
        words = nw.concat_str(nw.lit(f"{name} "), nw.col(f"points_{name}").cast(nw.String()), nw.lit(f"/{best_points(criterion)}"))
        cases.append(((nw.col(f"place_{name}") == k) & (nw.col(f"lost_{name}") > 0), words))
    return first_true(cases, no_text())


def _named_at(k: int, rubric: Rubric) -> nw.Expr:
    lost_at = [((nw.col(f"place_{name}") == k) & (nw.col(f"lost_{name}") > 0), name) for name in rubric.score]
    return first_true(lost_at, no_text())


def _rule_words(i: int, rubric: Rubric) -> nw.Expr:
    """`arrears A→B` where this rule moved the tier."""
    after = f"rank_after_{rubric.rules[i].name}"
    before = f"rank_after_{rubric.rules[i - 1].name}" if i else "rank_before_rules"
    tier = {
        column: first_true([(nw.col(column) == k, t) for k, t in enumerate(rubric.tier_names)], no_text()) for column in (before, after)
    }
    reason = rubric.rules[i].reason
    why = [nw.lit(f" ({reason.in_full})")] if reason else []
    words = nw.concat_str(nw.lit(f"{rubric.rules[i].name} "), tier[before], nw.lit("→"), tier[after], *why)
    return nw.when(nw.col(before) != nw.col(after)).then(words).otherwise(no_text())

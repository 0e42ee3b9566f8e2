"""Why not higher: the points each criterion lost, the most first, and the rules that moved the tier."""

from __future__ import annotations

import narwhals as nw

from custier.expressions import first_true, joined, no_text
from custier.frames import Frame, with_named
from custier.rubric.model import Criterion, MissingPoints, Rubric


def give_reasons(customers: Frame, rubric: Rubric) -> Frame:
    """Tiered customers → the same with `reasons` (text: `days_late 0/100; spend 60/100; arrears A→B`) and `rules` (names of the rules
    whose condition held). Criteria that lost no points are left out; equal losses keep the rubric's order.
    """
    lost = {name: _lost(name, criterion) for name, criterion in rubric.score.items()}
    customers = with_named(customers, {f"lost_{name}": expr for name, expr in lost.items()})
    places = {name: _place(name, list(lost)) for name in lost}
    customers = with_named(customers, {f"place_{name}": expr for name, expr in places.items()})
    said = [_at_place(k, rubric) for k in range(1, len(lost) + 1)]
    said += [nw.when(nw.col("rated")).then(_rule_words(i, rubric)).otherwise(no_text()) for i in range(len(rubric.rules))]
    fired = [nw.when(nw.col(f"rule_{r.name}")).then(nw.lit(r.name)).otherwise(no_text()) for r in rubric.rules]
    customers = customers.with_columns(reasons=joined(said), rules=joined(fired))
    return customers.drop([f"lost_{name}" for name in lost] + [f"place_{name}" for name in lost])


def best_points(criterion: Criterion) -> int:
    """The most points a criterion can earn."""
    missing = [criterion.missing.points] if isinstance(criterion.missing, MissingPoints) else []
    return max([b.points for b in criterion.bands] + missing)


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


def _rule_words(i: int, rubric: Rubric) -> nw.Expr:
    """`arrears A→B` where this rule moved the tier."""
    after = f"rank_after_{rubric.rules[i].name}"
    before = f"rank_after_{rubric.rules[i - 1].name}" if i else "rank_before_rules"
    tier = {
        column: first_true([(nw.col(column) == k, t) for k, t in enumerate(rubric.tier_names)], no_text()) for column in (before, after)
    }
    words = nw.concat_str(nw.lit(f"{rubric.rules[i].name} "), tier[before], nw.lit("→"), tier[after])
    return nw.when(nw.col(before) != nw.col(after)).then(words).otherwise(no_text())

"""The sum: each criterion's points times its weight, and the total that they add up to."""

from __future__ import annotations

from decimal import Decimal

from rich.console import RenderableType
from rich.text import Text

from custier.show.grid import Column, Row, grid, section
from custier.show.look import Look, styled
from custier.show.words import edges_in_words, worded
from custier.values import CriterionLine, Explanation

_MOST_DECIMALS = 6


def score(explanation: Explanation, look: Look) -> RenderableType | None:
    """One line per criterion; the shown lines always add up to the shown total, and say so when rounding had a part in it."""
    if not explanation.criteria:
        return None
    decimals = _decimals([*(line.weighted for line in explanation.criteria), explanation.score or Decimal(0)])
    rows = [_criterion(line, decimals, look) for line in explanation.criteria]
    columns = [
        Column("criterion", folds=True), Column("value", right=True), Column("band", folds=True),
        Column("points", right=True), Column(f"{look.glyph('×')} weight", right=True), Column("= weighted", right=True),
    ]  # fmt: skip
    return section("score", grid(columns, [*rows, *_total(explanation, decimals, look)], look), *_spread(explanation.criteria))


def _criterion(line: CriterionLine, decimals: int, look: Look) -> Row:
    lost = line.points is not None and line.points < line.best_points
    points = look.glyph("–") if line.points is None else f"{line.points:,}"
    of_best = [styled(f" of {line.best_points:,}", "dim")] if lost else []
    name = line.name if line.metric == line.name else f"{line.name} ({line.metric})"
    return [
        styled(name, "bold"), styled(worded(line.value)), styled(edges_in_words(line.band), "dim"),
        Text.assemble(styled(points, "yellow" if lost else ""), *of_best), styled(f"{worded(line.weight_used.normalize())}%"),
        styled(f"{line.weighted:,.{decimals}f}"),
    ]  # fmt: skip


def _total(explanation: Explanation, decimals: int, look: Look) -> list[Row]:
    empty = Text()
    if explanation.score is None:
        return [[styled("score", "bold"), empty, styled("none, the customer is unrated"), empty, empty, empty]]
    place = Decimal(1).scaleb(-decimals)
    total = explanation.score.quantize(place)
    gap = total - sum((line.weighted.quantize(place) for line in explanation.criteria), Decimal(0))
    rounding: list[Row] = [[styled("rounding", "dim"), empty, empty, empty, empty, styled(f"{gap:+,f}", "dim")]] if gap else []
    shown = f"{total:,f}"
    rule = styled(look.glyph("─") * len(shown), "dim")
    return [
        *rounding,
        [empty, empty, empty, empty, empty, rule],
        [styled("score", "bold"), empty, empty, empty, empty, styled(shown, "bold")],
    ]


def _decimals(numbers: list[Decimal]) -> int:
    return min(_MOST_DECIMALS, max(0, *(-int(n.as_tuple().exponent) for n in numbers)))


def _spread(lines: list[CriterionLine]) -> list[RenderableType]:
    skipped = [line.name for line in lines if line.weight_used != line.weight and line.points is None]
    if not skipped:
        return []
    return [Text(), styled(f"the weight of {', '.join(skipped)} is spread over the other criteria in proportion", "dim")]

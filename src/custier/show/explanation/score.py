"""The sum: each criterion's points times its weight, and the total that they add up to."""

from __future__ import annotations

from decimal import Decimal

from rich.cells import cell_len
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
    sums, weighted = _sums(explanation, look), look.told("= weighted")
    columns = [
        Column(look.told("criterion"), folds=True), Column(look.told("value"), right=True), Column(look.told("band"), folds=True),
        Column(look.told("points"), right=True), Column(f"{look.glyph('×')} {look.told('weight')}", right=True),
        Column(" " * (len(sums[0]) - cell_len(weighted)) + weighted),
    ]  # fmt: skip
    rows = [_criterion(line, weighted, look) for line, weighted in zip(explanation.criteria, sums, strict=False)]
    rows += _total(explanation.score, sums[len(rows) :], look)
    return section(look.told("score"), grid(columns, rows, look), *_spread(explanation.criteria, look))


def _criterion(line: CriterionLine, weighted: str, look: Look) -> Row:
    lost = line.points is not None and line.points < line.best_points
    points = look.glyph("–") if line.points is None else f"{line.points:,}"
    of_best = [styled(look.told(" of {best:,}", best=line.best_points), "dim")] if lost else []
    name = line.name if line.metric == line.name else f"{line.name} ({line.metric})"
    return [
        styled(name, "bold"), styled(worded(line.value, look)), styled(edges_in_words(line.band, look), "dim"),
        Text.assemble(styled(points, "yellow" if lost else ""), *of_best), styled(f"{worded(line.weight_used.normalize(), look)}%"),
        styled(weighted),
    ]  # fmt: skip


def _sums(explanation: Explanation, look: Look) -> list[str]:
    """The weighted points of each criterion, what rounding took or gave, and the score, under each other on the point."""
    parts = [round(line.weighted, _MOST_DECIMALS) for line in explanation.criteria]
    if explanation.score is None:
        return _on_the_point(parts, look)
    total = round(explanation.score, _MOST_DECIMALS)
    return _on_the_point([*parts, total - sum(parts, Decimal(0)), total], look)


def _on_the_point(numbers: list[Decimal], look: Look) -> list[str]:
    """Each number with the decimals that it needs, all of one width at least as wide as the column's name."""
    split = [f"{number.normalize():,f}".partition(".") for number in numbers]
    decimals = max(len(point + rest) for _, point, rest in split)
    texts = [whole + (point + rest).ljust(decimals) for whole, point, rest in split]
    widest = max(cell_len(look.told("= weighted")), *map(len, texts))
    return [text.rjust(widest) for text in texts]


def _total(score: Decimal | None, sums: list[str], look: Look) -> list[Row]:
    empty = Text()
    if score is None:
        return [[styled(look.told("score"), "bold"), empty, styled(look.told("none, the customer is unrated")), empty, empty, empty]]
    gap, total = sums
    rounding: list[Row] = (
        [] if gap.strip() == "0" else [[styled(look.told("rounding"), "dim"), empty, empty, empty, empty, styled(gap, "dim")]]
    )
    rule = styled((look.glyph("─") * len(total.strip())).rjust(len(total.rstrip())), "dim")
    return [
        *rounding,
        [empty, empty, empty, empty, empty, rule],
        [styled(look.told("score"), "bold"), empty, empty, empty, empty, styled(total, "bold")],
    ]


def _spread(lines: list[CriterionLine], look: Look) -> list[RenderableType]:
    skipped = [line.name for line in lines if line.weight_used != line.weight and line.points is None]
    if not skipped:
        return []
    said = "the weight of {criteria} is spread over the other criteria in proportion"
    return [Text(), styled(look.told(said, criteria=", ".join(skipped)), "dim")]

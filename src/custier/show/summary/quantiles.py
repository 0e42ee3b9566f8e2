"""Where the population was cut for the points of criteria."""

from __future__ import annotations

from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from custier.show.grid import Column, Row, grid, section
from custier.show.look import Look, styled
from custier.show.words import edges_in_words, share
from custier.values import Cut, Summary


def quantiles(summary: Summary, look: Look) -> RenderableType | None:
    """Per criterion, the parts from the best: their points, what was asked, what equal customers made of it, the values that are in."""
    cuts = [cut for cut in summary.cuts if cut.criterion]
    if not cuts:
        return None
    columns = [
        Column(look.told("criterion")), Column(look.told("points"), right=True), Column(look.told("best"), right=True),
        Column(look.told("realised"), right=True), Column(look.told("customers"), right=True), Column(look.told("values in"), folds=True),
    ]  # fmt: skip
    ties = " · ".join(f"{criterion} {look.told(next(of).ties)}" for criterion, of in groupby(cuts, lambda cut: cut.criterion))
    note = styled(look.told("equal customers at an edge: {ties}", ties=ties), "dim")
    return section(look.told("quantiles"), grid(columns, [_cut(cut, look) for cut in cuts], look), Text(), note)


def _cut(cut: Cut, look: Look) -> Row:
    values = edges_in_words(cut.edge, look) or look.told("nobody")
    asked = cut.asked.removeprefix("best ").replace(" of ", "/")
    cells = (f"{cut.points:,}", asked, share(cut.realised_share), f"{cut.customers:,}", values)
    return [styled(cut.criterion, "bold"), *(styled(cell) for cell in cells)]

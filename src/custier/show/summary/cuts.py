"""Where the population was cut: slice by slice, and where it is divided group by group, or in short where there are many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from custier.show.grid import Column, Row, grid, section
from custier.show.look import Look, styled
from custier.show.words import share, worded
from custier.values import Cut, Summary, cuts_of_tiers

_MOST_GROUPS = 6


def cuts(summary: Summary, look: Look) -> RenderableType | None:
    """Each population cut: what was asked, what equal customers made of it, the lowest value that is in."""
    of_tiers = cuts_of_tiers(summary.cuts)
    if not of_tiers:
        return None
    columns = [
        Column(look.told("tier")), Column(look.told("asked"), folds=True), Column(look.told("realised"), right=True),
        Column(look.told("customers"), right=True), Column(look.told("lowest value in"), right=True), Column(look.told("ties")),
    ]  # fmt: skip
    rows = [row for tier in _tiers(of_tiers) for row in _rows(tier, look)]
    return section(look.told("cuts"), grid(columns, rows, look), *_notes(of_tiers, look))


def _tiers(cuts: Sequence[Cut]) -> list[list[Cut]]:
    """The cuts of each tier: one, or one for each group."""
    found: dict[str, list[Cut]] = {}
    for cut in cuts:
        found.setdefault(cut.tier, []).append(cut)
    return list(found.values())


def _rows(cuts: Sequence[Cut], look: Look) -> Iterator[Row]:
    if len(cuts) > _MOST_GROUPS:
        yield _in_short(cuts, look)
        return
    for cut in cuts:
        asked = look.sentence(cut.asked)
        asked = asked if cut.group is None else look.told("{asked} in {group}", asked=asked, group=cut.group)
        yield _row(cut, asked, share(cut.realised_share), cut.customers, _value(cut, look), look)


def _in_short(cuts: Sequence[Cut], look: Look) -> Row:
    """From the least to the greatest of all groups."""
    shares = sorted(cut.realised_share for cut in cuts)
    values = sorted((cut for cut in cuts if cut.num is not None), key=lambda cut: cut.num or 0)
    asked = "{asked} in each of {count:,} groups of {within}"
    asked = look.told(asked, asked=look.sentence(cuts[0].asked), count=len(cuts), within=cuts[0].within)
    realised = look.told("{least} to {most}", least=share(shares[0]), most=share(shares[-1]))
    lowest = look.told("nobody")
    if values:
        lowest = look.told("{least} to {most}", least=_value(values[0], look), most=worded(values[-1].value, look))
    return _row(cuts[0], asked, realised, sum(cut.customers for cut in cuts), lowest, look)


def _row(cut: Cut, asked: str, realised: str, customers: int, lowest: str, look: Look) -> Row:
    cells = (asked, realised, f"{customers:,}", lowest, look.told(cut.ties))
    return [styled(cut.tier, "bold"), *(styled(cell) for cell in cells)]


def _value(cut: Cut, look: Look) -> str:
    return f"{cut.by} {worded(cut.value, look)}" if cut.value is not None else look.told("nobody")


def _notes(cuts: Sequence[Cut], look: Look) -> Iterator[Text]:
    if any(len(groups) > _MOST_GROUPS for groups in _tiers(cuts)):
        yield styled(look.told("the cut of each group is in summary.json"), "dim")
    if run := next((cut.cut_by for cut in cuts if cut.cut_by is not None), None):
        new = len({cut.group for cut in cuts if cut.cut_by is None})
        yield styled(look.told("these are the cuts of {run}", run=run), "dim")
        if new:
            yield styled(look.told("{groups} that it did not have cut anew", groups=look.counted(new, "group")), "dim")

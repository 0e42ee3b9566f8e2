"""The sum of one customer: points × weight of every criterion, adding up to the score to the last digit shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from custier.explain.policy import Criterion
from custier.values import CriterionLine, Cut, cuts_of_points

MILLIONTH = Decimal(1).scaleb(-6)

Row = dict[str, Any]


def criterion_lines(row: Row, shown: Row, criteria: Mapping[str, Criterion], cuts: Sequence[Cut]) -> list[CriterionLine]:
    """One line per criterion of a stored row; their `weighted` adds up to the score exactly."""
    counted: int = row.get("score_weight") or 0
    parts = _parts({name: _weighted(row, name, criterion) for name, criterion in criteria.items()}, counted, row.get("score"))
    return [
        CriterionLine(
            name=name,
            metric=criterion["metric"],
            value=shown[criterion["metric"]],
            band=_band(row, name, criterion, cuts_of_points(cuts, name)),
            points=row[f"points_{name}"],
            best_points=criterion["best_points"],
            weight=Decimal(criterion["weight"]) / 100,
            weight_used=_weight_used(row, name, criterion, counted),
            weighted=parts[name],
        )
        for name, criterion in criteria.items()
    ]


def _weighted(row: Row, name: str, criterion: Criterion) -> int:
    return (row[f"points_{name}"] or 0) * criterion["weight"]


def _weight_used(row: Row, name: str, criterion: Criterion, counted: int) -> Decimal:
    if row[f"points_{name}"] is None or not counted:
        return Decimal(0)
    return round(Decimal(criterion["weight"]) * 100 / counted, 4)


def _parts(weighted: dict[str, int], counted: int, score: int | None) -> dict[str, Decimal]:
    """Each part of the score in millionths; what rounding leaves over goes to the parts that lost most by it."""
    if not counted or score is None:
        return dict.fromkeys(weighted, Decimal(0))
    floors = {name: part * 1_000_000 // counted for name, part in weighted.items()}
    by_loss = sorted(weighted, key=lambda name: -(weighted[name] * 1_000_000 % counted))
    for name in by_loss[: score - sum(floors.values())]:
        floors[name] += 1
    return {name: in_points(part) for name, part in floors.items()}


def in_points(millionths: int) -> Decimal:
    """Millionths of a point without trailing zeros: 82500000 → 82.5."""
    return Decimal(f"{(millionths * MILLIONTH).normalize():f}")


def _band(row: Row, name: str, criterion: Criterion, cuts: Sequence[Cut]) -> str:
    band: int | None = row[f"band_{name}"]
    if band is not None and band < len(cuts):
        return f"{criterion['bands'][band]['words']}: {cuts[band].edge}"
    if band is not None:
        return criterion["bands"][band]["words"]
    points: int | None = row[f"points_{name}"]
    if points is not None:
        return f"missing: {points} points"
    return "missing: skipped" if criterion["missing"] == "skip" else "missing: unrated"

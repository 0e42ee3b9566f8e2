"""The sum of one customer: points × weight of every criterion, adding up to the score to the last digit shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from custier.reason import best_points
from custier.rubric.model import Criterion, Rubric
from custier.values import CriterionLine

MILLIONTH = Decimal(1).scaleb(-6)


def criterion_lines(row: dict[str, Any], values: dict[str, Any], rubric: Rubric) -> list[CriterionLine]:
    """One line per criterion of a stored row; their `weighted` adds up to the score exactly."""
    counted: int = row.get("score_weight") or 0
    parts = _parts({name: _weighted(row, name, criterion) for name, criterion in rubric.score.items()}, counted, row.get("score"))
    return [
        CriterionLine(
            name=name,
            metric=criterion.metric or name,
            value=values[criterion.metric or name],
            band=_band(row, name, criterion),
            points=row[f"points_{name}"],
            best_points=best_points(criterion),
            weight=Decimal(criterion.weight) / 100,
            weight_used=_weight_used(row, name, criterion, counted),
            weighted=parts[name],
        )
        for name, criterion in rubric.score.items()
    ]


def _weighted(row: dict[str, Any], name: str, criterion: Criterion) -> int:
    return (row[f"points_{name}"] or 0) * criterion.weight


def _weight_used(row: dict[str, Any], name: str, criterion: Criterion, counted: int) -> Decimal:
    if row[f"points_{name}"] is None or not counted:
        return Decimal(0)
    return round(Decimal(criterion.weight) * 100 / counted, 4)


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


def _band(row: dict[str, Any], name: str, criterion: Criterion) -> str:
    band = row[f"band_{name}"]
    if band is not None:
        return str(criterion.bands[band].in_words)
    points: int | None = row[f"points_{name}"]
    return f"missing: {points} points" if points is not None else "missing: skipped" if criterion.missing == "skip" else "missing: unrated"

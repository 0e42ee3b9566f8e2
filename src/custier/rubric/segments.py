"""In which order segments can be told: each after those that its own conditions name."""

from __future__ import annotations

from collections.abc import Iterator

from custier.rubric.condition import OTHERWISE, Condition
from custier.rubric.formula import FormulaError, names_of
from custier.rubric.model import Rubric


def segment_layers(rubric: Rubric) -> list[list[str]]:
    """The segments in layers, each made from those before it; without those that go round in a circle."""
    needs = {segment: set(segments_used(segment, rubric)) for segment in rubric.segments}
    layers: list[list[str]] = []
    told: set[str] = set()
    while layer := [segment for segment, needed in needs.items() if segment not in told and needed <= told]:
        layers.append(layer)
        told |= set(layer)
    return layers


def segments_by_points(rubric: Rubric) -> set[str]:
    """The segments that hang on the points of criteria, themselves or through others: they are told after the score."""
    points = {f"points_{name}" for name in rubric.score}
    told: set[str] = set()
    for layer in segment_layers(rubric):
        told |= {segment for segment in layer if _named(segment, rubric) & (points | told)}
    return told


def segments_used(segment: str, rubric: Rubric) -> Iterator[str]:
    """The segments that a segment's conditions name, itself too if it does."""
    named = _named(segment, rubric)
    yield from (name for name in rubric.segments if name in named)


def _named(segment: str, rubric: Rubric) -> set[str]:
    return {name for test in rubric.segments[segment].values() if test != OTHERWISE for name in _names(test, rubric)}


def circle(segment: str, rubric: Rubric) -> list[str]:
    """The shortest way from a segment back to itself, both ends included; empty where there is none."""
    ways = [[segment]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for name in segments_used(way[-1], rubric):
            if name == segment:
                return [*way, name]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def _names(test: Condition, rubric: Rubric) -> set[str]:
    try:
        return names_of(test, rubric.segments)
    except FormulaError:
        return set()

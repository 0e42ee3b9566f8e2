"""Whether bands cover every value once: gaps, overlaps, and bands that are never reached.

A cut is a place between two values: `(5, 0)` lies just below 5 and `(5, 1)` just above. A band is all between two cuts.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from custier.rubric.model import Edges, plain


class Cut(NamedTuple):
    value: Decimal
    side: int


class Span(NamedTuple):
    low: Cut
    high: Cut


LOWEST, HIGHEST = Cut(Decimal("-Infinity"), 0), Cut(Decimal("Infinity"), 1)
EVERYTHING = Span(LOWEST, HIGHEST)


class BandFault(NamedTuple):
    """What is wrong with one band, by its number from 0; None: with all together."""

    band: int | None
    code: str
    what: str
    help: str


def span_of(edges: Edges) -> Span:
    """The values between a band's edges."""
    low = LOWEST if edges.lower is None else Cut(edges.lower, int(edges.at_least is None))
    high = HIGHEST if edges.upper is None else Cut(edges.upper, int(edges.at_most is not None))
    return Span(low, high)


def band_faults(bands: Sequence[Edges]) -> list[BandFault]:
    """Every fault of bands that are tried from first to last; an empty list when each value finds one band."""
    faults: list[BandFault] = []
    free = [EVERYTHING]
    for index, band in enumerate(bands):
        span = span_of(band)
        fault = _fault(index, band, span, free, bands)
        if fault is not None:
            faults.append(fault)
        free = without(free, span)
    return faults or _gaps(free)


def without(free: list[Span], span: Span) -> list[Span]:
    """The values of `free` that are not in the span."""
    parts = [part for f in free for part in (Span(f.low, min(f.high, span.low)), Span(max(f.low, span.high), f.high))]
    return [part for part in parts if part.low < part.high]


def shared(free: list[Span], span: Span) -> list[Span]:
    """The values of `free` that are in the span."""
    parts = [Span(max(f.low, span.low), min(f.high, span.high)) for f in free]
    return [part for part in parts if part.low < part.high]


def _fault(index: int, band: Edges, span: Span, free: list[Span], bands: Sequence[Edges]) -> BandFault | None:
    if span.low >= span.high:
        return BandFault(index, "CT1403", f"`{band.in_words}` holds no value", "write the smaller number as at_least or above")
    if not shared(free, span):
        what = f"`{band.in_words}` is never reached, because the bands above it take all its values"
        return BandFault(index, "CT1403", what, _order_cure(band))
    inside = [cut for cut in span if any(t.low < cut < t.high for t in complement(free))]
    if not inside:
        return None
    other = next(b for b in bands[:index] if span_of(b).low <= inside[0] <= span_of(b).high)
    edge = plain(inside[0].value)
    return BandFault(
        index, "CT1402", f"`{band.in_words}` overlaps `{other.in_words}`", f"let them meet at one edge, as at_least {edge} and below {edge}"
    )


def complement(free: list[Span]) -> list[Span]:
    """All values that are not in `free`."""
    taken = [EVERYTHING]
    for span in free:
        taken = without(taken, span)
    return taken


def _order_cure(band: Edges) -> str:
    if band.in_words == "otherwise":
        return "keep one `otherwise`, as the last band, and only where values are left for it"
    return "the first band that holds a value wins: write at_least and above from high to low, at_most and below from low to high"


def _gaps(free: list[Span]) -> list[BandFault]:
    return [
        BandFault(None, "CT1401", f"no band holds values {in_words(span)}", "end with a band for the rest: {otherwise: points}")
        for span in free
    ]


def in_words(span: Span) -> str:
    """`at_least 5 and below 10`."""
    low = f"{('at_least', 'above')[span.low.side]} {plain(span.low.value)}" if span.low != LOWEST else ""
    high = f"{('below', 'at_most')[span.high.side]} {plain(span.high.value)}" if span.high != HIGHEST else ""
    return " and ".join(part for part in (low, high) if part) or "of any size"

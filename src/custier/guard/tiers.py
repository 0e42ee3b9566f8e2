"""How the population is spread over the tiers: one that is empty now, one that took everybody, and how far all of it moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext

from custier.guard.judge import BASE, BEFORE, FIRST, judged, small
from custier.guard.movement import Move
from custier.rubric.model import Guardrails
from custier.values import Guard

HALF = Decimal("0.5")
"""An empty tier counts as half a customer, since the index of nothing is infinite."""


def check_tiers(moves: Sequence[Move], tiers: Sequence[str], guardrails: Guardrails) -> list[Guard]:
    """Tiers emptied, swollen and drifted. tiers: the names that the rubric has now."""
    was, now = Counter[str](), Counter[str]()
    for move in moves:
        now[move.now] += move.customers
        if move.was is not None:
            was[move.was] += move.customers
    between = [_emptied(was, now, tiers, guardrails), _drifted(was, now, guardrails)] if was else []
    return [*between, *([_swollen(was, now, guardrails)] if len(tiers) > 1 and now else [])]


def _emptied(was: Mapping[str, int], now: Mapping[str, int], tiers: Sequence[str], guardrails: Guardrails) -> Guard:
    """The tier that had the most customers of those that nobody has now; a tier that the rubric lacks now was not emptied."""
    empty = [(count, name) for name, count in was.items() if name in tiers and not now.get(name)]
    count, name = max(empty, default=(0, ""))
    about = f"nobody is {name} now" if count else ""
    guard = judged("emptied_tier_at_most", guardrails.emptied_tier_at_most, count, sum(was.values()), unit="customers", cause=about)
    return replace(guard, observed=f"{count:,}")


def _swollen(was: Mapping[str, int], now: Mapping[str, int], guardrails: Guardrails) -> Guard:
    """The largest tier of all; one that was above the limit in the last run too is as it should be."""
    limit, everyone = guardrails.tier_share_at_most, sum(now.values())
    name, count = max(now.items(), key=lambda item: (item[1], item[0]))
    before = bool(was) and limit.exceeded_by(was.get(name, 0), sum(was.values()))
    waived = FIRST if not was else BEFORE if before else small(limit, count, everyone, guardrails, part=1)
    guard = judged("tier_share_at_most", limit, count, everyone, unit="customers", waived=waived)
    return replace(guard, near=False, cause=f"so many are {name}" if guard.held or guard.waived else "")


def _drifted(was: Mapping[str, int], now: Mapping[str, int], guardrails: Guardrails) -> Guard:
    index, limit = psi(was, now), guardrails.drift_at_most
    over = limit.psi is not None and index > limit.psi
    few = sum(was.values()) < (guardrails.min_base.count or 0)
    near = limit.psi is not None and not over and 4 * index > 3 * limit.psi
    waived = BASE if over and few else ""
    return Guard("drift_at_most", str(limit), f"{index:f} PSI", 0, 0, held=over and not few, near=near, waived=waived)


def psi(was: Mapping[str, int], now: Mapping[str, int]) -> Decimal:
    """The population stability index: Σ (share now - share then) × ln(share now / share then), to four decimals, exact on every machine."""
    with localcontext(prec=28):
        whole_was, whole_now = Decimal(sum(was.values())), Decimal(sum(now.values()))
        total = Decimal(0)
        for name in sorted({*was, *now}):
            then, today = (max(Decimal(counts.get(name, 0)), HALF) / of for counts, of in ((was, whole_was), (now, whole_now)))
            total += (today - then) * (today / then).ln()
        return round(total, 4)

"""One customer's stored row → why this tier: plain data, read, never computed again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import TypeAdapter

from custier.errors import NotFoundError, Problem, listed
from custier.explain.distance import distances
from custier.explain.near import near_ids
from custier.explain.rows import source_rows
from custier.explain.sums import criterion_lines, in_points
from custier.labels import shown
from custier.rubric.load import load_rubric
from custier.rubric.model import Metric, Rubric, Tier
from custier.rubric.plan import Kind, Plan, Planned
from custier.rubric.ready import ready_metric
from custier.store import find_store, read_manifest, require_files, resolve_run
from custier.values import UNRATED, Cut, Explanation, RuleLine

__all__ = ["explain_customer"]

HASHED_BYTES = 64 * 2**20
"""Larger files are trusted, so that an answer does not wait for a hash of all customers; `custier verify` reads them."""


@dataclass(frozen=True)
class Stored:
    """A run as it lies in the store."""

    directory: Path
    manifest: dict[str, Any]
    rubric: Rubric
    plan: Plan
    cuts: list[Cut]


def explain_customer(
    store: Path, customer_id: str, *, rubric: str | None = None, run: str | None = None, rows: bool = False
) -> Explanation:
    """The explanation of one customer from the stored run alone (CURRENT unless named); raises NotFoundError with near ids."""
    stored = _open_run(store, rubric, run, rows)
    evidence = pl.scan_parquet(stored.directory / "evidence.parquet")
    found = evidence.filter(pl.col("customer_id") == customer_id).collect()
    if not len(found):
        raise _no_such_customer(customer_id, evidence, stored)
    return _explain(found, stored, source_rows(stored.directory, stored.manifest["stable"], customer_id) if rows else [])


def _open_run(root: Path, rubric: str | None, run: str | None, rows: bool) -> Stored:
    store = find_store(root, rubric)
    run_id = resolve_run(store, run)
    manifest = read_manifest(store, run_id)
    stable = manifest["stable"]
    if "metrics" not in stable:
        raise NotFoundError(Problem("CT5505", f"the run {run_id} failed its checks and graded nobody", help="see its rejected.csv"))
    named = [f"rows/{source}.parquet" for source in stable["columns"]] if rows else []
    directory = require_files(store, run_id, ["evidence.parquet", "rubric.yaml", *named], at_most=HASHED_BYTES)
    loaded = load_rubric(directory / "rubric.yaml").rubric
    cuts = TypeAdapter(list[Cut]).validate_python(stable["cuts"])
    return Stored(directory, manifest, loaded, _plan(loaded, stable["metrics"]), cuts)


def _plan(rubric: Rubric, kinds: dict[str, dict[str, Any]]) -> Plan:
    def metric(name: str) -> Metric:
        return rubric.metrics.get(name) or ready_metric(name, None) or Metric(formula=name)

    return Plan({name: Planned(name, metric(name), Kind(**kind), can_be_missing=True) for name, kind in kinds.items()})


def _no_such_customer(customer_id: str, evidence: pl.LazyFrame, stored: Stored) -> NotFoundError:
    near = near_ids(customer_id, evidence.select("customer_id").collect()["customer_id"])
    cure = f"near ids: {listed(near)}" if near else "ids are compared exactly, as they stand in the export"
    return NotFoundError(Problem("CT5506", f"the run {stored.directory.name} has no such customer", help=cure))


def _explain(found: pl.DataFrame, stored: Stored, rows: list[dict[str, Any]]) -> Explanation:
    row, rubric, stable = found.row(0, named=True), stored.rubric, stored.manifest["stable"]
    values = found.select(shown(n, p.kind).alias(n) for n, p in stored.plan.metrics.items()).row(0, named=True)
    criteria = criterion_lines(row, values, rubric)
    to_next, to_lose = distances(found, values, rubric, stored.plan, stored.cuts)
    tier = next((t for t in rubric.tiers if t.name == row["tier"]), None)
    return Explanation(
        customer_id=row["customer_id"],
        rubric=rubric.rubric,
        title=rubric.full_title,
        run_id=stored.directory.name,
        as_of=date.fromisoformat(stable["as_of"]),
        window=rubric.window.in_words(date.fromisoformat(stable["as_of"])),
        currency=rubric.currency,
        tier=row["tier"],
        tier_title=tier.title.zh if tier is not None and tier.title is not None else None,
        earned_tier=row["earned_tier"],
        tier_before_rules=row["tier_before_rules"],
        previous_tier=row["previous_tier"],
        previous_run=stable["previous"] and stable["previous"]["run"],
        change=row["change"],
        cause=row["cause"] or "",
        tier_since=row["tier_since"],
        score=None if not rubric.score or row["score"] is None else in_points(row["score"]),
        criteria=criteria,
        tier_condition=_tier_condition(row, rubric, stored.cuts),
        rules=_rule_lines(row, rubric),
        flags={name: row[f"flag_{name}"] for name in rubric.flags},
        segments={name: row[name] or "" for name in rubric.segments},
        metrics=values,
        benefits=list(tier.benefits) if tier is not None else [],
        next_tier=row["next_tier"],
        to_next=to_next,
        to_lose=to_lose,
        rows=rows,
    )


def _rule_lines(row: dict[str, Any], rubric: Rubric) -> list[RuleLine]:
    def name(rank: int | None) -> str:
        return UNRATED if rank is None else rubric.tier_names[rank]

    lines, before = [], row["rank_before_rules"]
    for rule in rubric.rules:
        effect, value = rule.effect
        after = row[f"rank_after_{rule.name}"]
        lines.append(
            RuleLine(rule.name, rule.when, f"{effect.replace('_', ' ')} {value}", row[f"rule_{rule.name}"], name(before), name(after))
        )
        before = after
    return lines


def _tier_condition(row: dict[str, Any], rubric: Rubric, cuts: list[Cut]) -> str:
    """What the tier before rules asked for, in the rubric's words."""
    if row["rank_before_rules"] is None:
        unrated = [name for name, c in rubric.score.items() if c.missing == "unrated" and row[f"unrated_{name}"]]
        return (
            f"not eligible: asks for {rubric.eligible}" if not row["eligible"] else f"no value for {', '.join(unrated) or 'any criterion'}"
        )
    tier = rubric.tiers[row["rank_before_rules"]]
    return " and ".join(_asked(tier, {c.tier: c for c in cuts})) or "the tiers above ask for more"


def _asked(tier: Tier, cuts: dict[str, Cut]) -> list[str]:
    said = [f"score {tier.score.in_words}"] if tier.score is not None else []
    said += [tier.when] if tier.when is not None else []
    if tier.name in cuts:
        cut = cuts[tier.name]
        said.append(
            f"{cut.asked} by {cut.by}: at least {cut.exactly}" if " of " not in cut.asked else f"{cut.asked}: at least {cut.exactly}"
        )
    return said

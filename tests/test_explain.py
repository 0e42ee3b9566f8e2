"""An explanation against the run it explains, and its what-ifs against runs on really changed data."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from custier.errors import NotFoundError
from custier.explain import explain_customer
from custier.explain.near import near_ids
from custier.pipeline import Request, classify_files

NOW = datetime(2026, 1, 31, tzinfo=UTC)
SLICED = "tiers: [{name: T, top: 20%, by: spend}, {name: M, next: 30%}, {name: L, when: spend >= -50}, {name: Z}]"
SCORED = """
metrics: {parts: {sum: quantity}}
score:
  spend: {weight: 60, bands: [{at_least: 300, points: 100}, {above: 120.5, points: 55}, {otherwise: 10}]}
  parts: {weight: 40, missing: skip, bands: [{above: 3, points: 100}, {otherwise: 0}]}
tiers: [{name: A, score: {at_least: 70}}, {name: B, score: {at_least: 30}}, {name: C}]
rules: [{name: few, when: orders < 1.5, down: 1}]
"""


def customers(seed: int, ties: bool) -> dict[str, Decimal]:
    rng = random.Random(seed)
    return {
        f"c{i:02d}": Decimal(rng.choice([100, 200, 300]) if ties else rng.randrange(-6000, 60000)) / (1 if ties else 100) for i in range(25)
    }


def classified(folder: Path, rubric: str, spend: dict[str, Decimal]) -> Path:
    folder.mkdir()
    lines = [f"{c},2025-03-01,{i},{amount:.2f},{i % 7}.5" for i, (c, amount) in enumerate(spend.items())]
    (folder / "sales.csv").write_text("customer_id,date,order,amount,quantity\n" + "\n".join(lines) + "\n")
    (folder / "mine.yaml").write_text(f"rubric: mine\n{rubric}\n")
    request = Request(
        (str(folder / "sales.csv"),), str(folder / "mine.yaml"), (), folder / "store", NOW.date(), NOW, as_of=date(2025, 12, 31)
    )
    assert classify_files(request).status == "published"
    return folder / "store"


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("strict", [False, True])
def test_a_slice_is_reached_and_lost_where_the_explanation_says(tmp_path: Path, ties: bool, strict: bool) -> None:
    rubric = SLICED.replace("by: spend", "by: spend, ties: strict").replace("next: 30%", "next: 30%, ties: strict") if strict else SLICED
    spend = customers(3, ties)
    store = classified(tmp_path / "now", rubric, spend)
    tried = 0
    for customer in random.Random(1).sample(sorted(spend), 6):
        told = explain_customer(store, customer)
        for i, move in enumerate(m for m in [*told.to_next, *told.to_lose] if m.metric == "spend"):
            moved = classified(tmp_path / f"{customer}-{i}", rubric, spend | {customer: move.needed})
            assert explain_customer(moved, customer).tier == move.tier, (customer, spend[customer], move)
            assert move.change == move.needed - spend[customer]
            tried += 1
    assert tried >= 6


@pytest.mark.parametrize("ties", ["generous", "strict"])
@pytest.mark.parametrize("edges", ["ranks", "interpolated"])
@pytest.mark.parametrize("best", ["high", "low"])
def test_a_part_of_the_population_is_reached_and_lost_where_the_explanation_says(tmp_path: Path, best: str, edges: str, ties: str) -> None:
    quantiles = f"{{parts: 4, best: {best}, edges: {edges}, ties: {ties}}}"
    rubric = f"score: {{spend: {{weight: 100, quantiles: {quantiles}}}}}\ntiers: [{{name: A, score: {{at_least: 4}}}}, {{name: B, when: points_spend >= 3}}, {{name: C}}]"
    spend = customers(3, ties == "strict")
    store = classified(tmp_path / "now", rubric, spend)
    for customer in random.Random(2).sample(sorted(spend), 3):
        told = explain_customer(store, customer)
        moves = [m for m in [*told.to_next, *told.to_lose] if m.metric == "spend"]
        assert moves
        for i, move in enumerate(moves):
            for step in (0, 1, -1):
                moved = classified(tmp_path / f"{customer}-{i}-{step}", rubric, spend | {customer: move.needed + Decimal(step) / 100})
                found = explain_customer(moved, customer).tier
                assert found == move.tier if step == 0 or (step > 0) == (move.change > 0) else True, (customer, spend[customer], move)
                if step and (step > 0) != (move.change > 0):
                    assert found == told.tier, (customer, spend[customer], move, step)


DIVIDED = """
segments: {size: {big: spend >= 300, small: otherwise}, buyer: {much: quantity >= 3.5, little: otherwise}}
tiers: [{name: T, top: 20%, by: spend, within: buyer}, {name: M, next: 30%}, {name: L, top: 2 customers, by: spend, within: size}, {name: Z}]
"""


def test_a_slice_within_a_group_is_reached_and_lost_where_the_explanation_says(tmp_path: Path) -> None:
    spend = customers(9, ties=False)
    store = classified(tmp_path / "now", DIVIDED, spend)
    tried = 0
    for customer in random.Random(2).sample(sorted(spend), 8):
        told = explain_customer(store, customer)
        for i, move in enumerate(m for m in [*told.to_next, *told.to_lose] if m.metric == "spend"):
            moved = classified(tmp_path / f"{customer}-{i}", DIVIDED, spend | {customer: move.needed})
            assert explain_customer(moved, customer).tier == move.tier, (customer, spend[customer], move)
            tried += 1
    assert tried >= 8


def test_the_rank_is_counted_among_all_or_in_the_own_group_equals_alike(tmp_path: Path) -> None:
    rubric = DIVIDED.replace(
        "{name: L, top: 2 customers, by: spend", "{name: Q, top: 5%, by: average_order}, {name: L, top: 2 customers, by: spend"
    )
    spend = customers(9, ties=True)
    store = classified(tmp_path / "now", rubric, spend)
    for i, customer in enumerate(sorted(spend)):
        told = explain_customer(store, customer)
        buyer, size = ("much" if i % 7 >= 3 else "little"), ("big" if spend[customer] >= 300 else "small")
        peers = [c for j, c in enumerate(sorted(spend)) if ("much" if j % 7 >= 3 else "little") == buyer]
        alike = [c for c in spend if (spend[c] >= 300) == (size == "big")]
        expected = [("spend", buyer, peers), ("average_order", None, spend), ("spend", size, alike)]
        assert [(r.by, r.group, r.rank, r.of) for r in told.ranks] == [
            (by, group, 1 + sum(spend[c] > spend[customer] for c in of), len(of)) for by, group, of in expected
        ]


def test_a_slice_that_has_room_for_all_is_not_lost_by_falling(tmp_path: Path) -> None:
    store = classified(tmp_path / "now", "tiers: [{name: T, top: 30 customers, by: spend}, {name: Z}]", customers(3, ties=False))
    assert [explain_customer(store, customer).to_lose for customer in ("c00", "c07")] == [[], []]


def test_a_score_is_reached_and_lost_where_the_explanation_says(tmp_path: Path) -> None:
    spend = customers(5, ties=False)
    store = classified(tmp_path / "now", SCORED, spend)
    names = sorted(spend)[:8]
    for customer in names:
        told = explain_customer(store, customer)
        for i, move in enumerate(m for m in [*told.to_next, *told.to_lose] if m.metric == "spend"):
            moved = classified(tmp_path / f"{customer}-{i}", SCORED, spend | {customer: move.needed})
            assert explain_customer(moved, customer).tier == move.tier
    orders = [m for c in names for m in explain_customer(store, c).to_next if m.metric == "orders"]
    assert orders and {m.needed for m in orders} == {Decimal(2)}


def test_every_explanation_adds_up_and_agrees_with_the_labels(tmp_path: Path) -> None:
    store = classified(tmp_path / "now", SCORED, customers(7, ties=False))
    run = store / "mine" / "runs" / (store / "mine" / "CURRENT").read_text().strip()
    for label in pl.read_parquet(run / "labels.parquet").iter_rows(named=True):
        told = explain_customer(store, label["customer_id"], rows=True)
        assert told.tier == label["tier"] and float(told.score or 0) == label["score"]
        assert sum(line.weighted for line in told.criteria) == told.score
        assert [line.points for line in told.criteria] == [label["points_spend"], label["points_parts"]]
        assert sum(row["amount"] for row in told.rows if row["in_window"]) == label["spend"] == told.metrics["spend"]


def test_an_unknown_customer_is_told_the_ids_that_are_near(tmp_path: Path) -> None:
    store = classified(tmp_path / "now", SCORED, customers(7, ties=False))
    for wanted in ("C07", " c07", "c7", "c077"):
        with pytest.raises(NotFoundError) as error:
            explain_customer(store, wanted)
        assert "c07" in error.value.problems[0].help


@pytest.mark.parametrize("wanted", ["C0007654", "c0007654 ", "7654", "c00076543", "C000765", "c000765x", "C000765x"])
def test_near_ids_are_found_among_many(wanted: str) -> None:
    ids = pl.LazyFrame({"customer_id": [f"c{i:07d}" for i in range(20_000)]})
    near = near_ids(wanted, ids)
    assert near and all(found.startswith("c000765") for found in near if wanted != "7654")
    assert "x" in wanted or wanted == "C000765" or near[0] == "c0007654"


@pytest.mark.parametrize("wanted", ["zzz", "", " ", "c(", "c" * 100_000])
def test_no_id_is_near_to_what_is_like_none(wanted: str) -> None:
    assert near_ids(wanted, pl.LazyFrame({"customer_id": [f"c{i:07d}" for i in range(20_000)]})) == []

"""Population cuts found by counting, and inside one statement: the same as by looking at every customer, on every engine."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import duckdb
import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custier.places import FEWEST, RANGES, Place, population, values_at
from custier.rubric.model import Metric, Rubric
from custier.rubric.plan import Kind, Plan, Planned
from custier.tier import find_cuts, with_bounds
from custier.tier.bounds import with_cuts
from custier.values import Cut

PLAN = Plan({"spend": Planned("spend", Metric.model_validate({"sum": "amount"}), Kind(2, money=True), False)})
SPREAD = [1, 3, 50, 10**6, 2**45, 2**59]


def on(engine: str, keys: list[int | None]) -> Any:
    frame = pl.DataFrame({"spend": keys, "rated": [True] * len(keys)}, schema={"spend": pl.Int64, "rated": pl.Boolean})
    return nw.from_native(frame.lazy() if engine == "polars" else duckdb.from_arrow(frame.to_arrow()))


def rubric_of(*tiers: dict[str, str]) -> Rubric:
    named = [{"name": f"t{i}", "by": "spend"} | tier for i, tier in enumerate(tiers)]
    return Rubric.model_validate({"rubric": "cuts", "tiers": [*named, {"name": "rest"}]})


def one_by_one(tier: dict[str, str], keys: list[int | None]) -> tuple[int | None, int, int | None, int | None]:
    """Lowest value in, customers in, the value of the last rank that fits, and of the next: each customer looked at."""
    best = sorted((k for k in keys if k is not None), reverse=True)
    strict, total = tier["ties"] == "strict", sum(k for k in best if k > 0)
    share = Decimal(tier.get("top", tier.get("cumulative_share", "0")).split("%")[0].split()[0])
    last = int(share) if "customers" in tier.get("top", "") else int(len(best) * share / 100)

    def fits(key: int) -> bool:
        reached = [k for k in best if (k >= key if strict else k > key)]
        if "top" in tier:
            return len(reached) + (not strict) <= last
        held = sum(k for k in reached if k > 0) * 100
        return key > 0 and (held <= total * share if strict else held < total * share)

    inside = [k for k in best if fits(k)]
    ranked = [best[at - 1] if "top" in tier and 1 <= at <= len(best) else None for at in (last, last + 1)]
    return min(inside, default=None), len(inside), *ranked


def found(cut: Cut) -> tuple[int | None, int, int | None, int | None]:
    return cut.num, cut.customers, cut.last_in, cut.first_out


KEYS = st.sampled_from(SPREAD).flatmap(lambda most: st.lists(st.none() | st.integers(-most, most), max_size=40))
PERCENT = st.sampled_from(["0%", "0.01%", "100%"]) | st.integers(1, 9999).map(lambda n: f"{n / 100:.2f}%")
ASKED = st.fixed_dictionaries({"top": PERCENT | st.integers(1, 45).map(lambda n: f"{n} customers")}) | st.fixed_dictionaries(
    {"cumulative_share": PERCENT}
)
TIERS = st.lists(st.tuples(ASKED, st.sampled_from(["generous", "strict"])).map(lambda t: t[0] | {"ties": t[1]}), min_size=1, max_size=3)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@given(KEYS, TIERS)
@settings(max_examples=40, deadline=None)
def test_both_ways_to_cut_are_what_a_look_at_each_customer_gives(engine: str, keys: list[int | None], tiers: list[dict[str, str]]) -> None:
    rubric, rated = rubric_of(*tiers), on(engine, keys)
    cuts = find_cuts(rated, rubric, PLAN)
    assert [found(cut) for cut in cuts] == [one_by_one(tier, keys) for tier in tiers]
    inside = with_bounds(rated, rubric, PLAN).select(*(f"cut_{n}" for n in range(len(tiers)))).unique().collect()
    assert inside.rows() == ([tuple(cut.num for cut in cuts)] if keys else [])


IN_GROUPS = st.lists(st.tuples(st.sampled_from(["North", "South", "海外", "-", None]), st.integers(-60, 60) | st.none()), max_size=60)


def divided(engine: str, customers: list[tuple[str | None, int | None]]) -> Any:
    columns = {"spend": [key for _, key in customers], "region": [group for group, _ in customers], "rated": [True] * len(customers)}
    frame = pl.DataFrame(columns, schema={"spend": pl.Int64, "region": pl.String, "rated": pl.Boolean})
    return nw.from_native(frame.lazy() if engine == "polars" else duckdb.from_arrow(frame.to_arrow()))


def on_engine(engine: str) -> Any:
    """How the engine takes in a small table."""
    return (lambda table: table) if engine == "polars" else lambda table: nw.from_native(duckdb.from_arrow(table.collect().to_arrow()))


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@given(IN_GROUPS, TIERS)
@settings(max_examples=40, deadline=None)
def test_each_group_is_cut_as_if_it_were_the_population(
    engine: str, customers: list[tuple[str | None, int | None]], tiers: list[dict[str, str]]
) -> None:
    rubric, rated = rubric_of(*(tier | {"within": "region"} for tier in tiers)), divided(engine, customers)
    cuts = find_cuts(rated, rubric, PLAN, given=on_engine(engine))
    groups: dict[str, list[int | None]] = {}
    for group, key in customers:
        groups.setdefault(group or "-", []).append(key)
    ranked = sorted(group for group, keys in groups.items() if any(key is not None for key in keys))
    assert [(c.tier, c.within, c.group) for c in cuts] == [(f"t{i}", "region", g) for i in range(len(tiers)) for g in ranked]
    assert [found(cut) for cut in cuts] == [one_by_one(tier, groups[g]) for tier in tiers for g in ranked]
    assert [(c.customers, c.ranked) for c in cuts] == [(c.customers, sum(k is not None for k in groups[str(c.group)])) for c in cuts]
    names, by_place = [f"cut_{n}" for n in range(len(tiers))], {(c.tier, c.group): c.num for c in cuts}
    expected = sorted(
        (group or "-", *(by_place.get((f"t{n}", group or "-")) for n in range(len(tiers)))) for group in {g for g, _ in customers}
    )
    for bounded in (with_bounds(rated, rubric, PLAN), with_cuts(rated, rubric, cuts, on_engine(engine))):
        rows = bounded.select(nw.coalesce(nw.col("region"), nw.lit("-")), *names).unique().collect().rows()
        assert sorted(rows, key=str) == sorted(set(expected), key=str)


def test_thousands_of_groups_are_cut_with_answers_that_stay_short(monkeypatch: pytest.MonkeyPatch) -> None:
    draw, longest, collect = random.Random(6), [0], nw.LazyFrame.collect
    customers = [(f"g{int(2000 * draw.random() ** 2)}", draw.randint(-(2**40), 2**40)) for _ in range(100_000)]

    def counted(frame: Any, *options: Any, **named: Any) -> Any:
        answer = collect(frame, *options, **named)
        longest.append(len(answer))
        return answer

    monkeypatch.setattr(nw.LazyFrame, "collect", counted)
    rubric = rubric_of({"top": "5%", "within": "region"}, {"next": "20%", "within": "region"})
    cuts = find_cuts(divided("polars", customers), rubric, PLAN)
    monkeypatch.undo()
    groups: dict[str, list[int | None]] = {}
    for group, key in customers:
        groups.setdefault(group, []).append(key)
    some = set(draw.sample(sorted(groups), 40))
    picked = [cut for cut in cuts if cut.group in some]
    assert len(cuts) == 2 * len(groups) and len(picked) == 80
    for cut in picked:
        asked = {"top": "5%" if cut.tier == "t0" else "25%", "ties": "generous"}
        assert found(cut) == one_by_one(asked, groups[str(cut.group)])
    assert max(longest) <= FEWEST * 2 * len(groups)


def test_frozen_cuts_hold_and_a_new_group_is_cut_anew() -> None:
    rubric = rubric_of({"top": "50%", "within": "region"})
    before = find_cuts(divided("polars", [("North", 10), ("North", 20), ("Gone", 5)]), rubric, PLAN)
    kept = [replace(cut, cut_by="2025-01-31-0123456789ab") for cut in before]
    now = [("North", 19), ("North", 20), ("North", 30), ("North", 40), ("New", 7), ("New", 1)]
    cuts = {cut.group: cut for cut in find_cuts(divided("polars", now), rubric, PLAN, kept=kept)}
    assert {g: (c.num, c.customers, c.realised_share, c.cut_by) for g, c in cuts.items()} == {
        "New": (7, 1, 0.5, None),
        "North": (20, 3, 0.75, "2025-01-31-0123456789ab"),
    }
    assert (cuts["North"].asked_share, cuts["North"].last_in, cuts["North"].first_out) == (0.5, None, None)


def test_a_frozen_cut_that_let_nobody_in_lets_nobody_in() -> None:
    rubric = rubric_of({"top": "10%"})
    before = find_cuts(on("polars", [5, 6]), rubric, PLAN)
    now = find_cuts(on("polars", list(range(100))), rubric, PLAN, kept=[replace(cut, cut_by="then") for cut in before])
    assert (before[0].num, now[0].num, now[0].customers, now[0].realised_share) == (None, None, 0, 0.0)


@pytest.mark.parametrize("most", [RANGES, 2**40, 2**62])
def test_a_place_is_found_among_more_values_than_one_count_tells_apart(most: int) -> None:
    draw = random.Random(5)
    keys = [int(draw.randint(-most, most) * draw.random() ** 9) for _ in range(3 * RANGES)]
    frame = nw.from_native(pl.DataFrame({"key": keys}).lazy())
    among = population(frame, held=False)
    assert among is not None
    best = sorted(keys, reverse=True)
    ranks = [1, 2, 77, RANGES, 2 * RANGES, len(best) - 1, len(best)]
    assert values_at(frame, [Place(rank) for rank in ranks], among) == {Place(rank): best[rank - 1] for rank in ranks}


def test_a_total_beyond_64_bits_is_held_exactly() -> None:
    keys = [2**62, 2**62 - 1, 2**61 + 1, 2**61, 5, -(2**62)]
    shares = [{"cumulative_share": "33.33%", "ties": "strict"}, {"cumulative_share": "33.34%", "ties": "generous"}]
    for engine in ("polars", "duckdb"):
        cuts = find_cuts(on(engine, keys), rubric_of(*shares), PLAN)
        assert [found(cut) for cut in cuts] == [one_by_one(tier, keys) for tier in shares]
        assert cuts[1].realised_share == (2**63 - 1) / (3 * 2**62 + 5)


def test_the_keys_are_held_once_per_metric_that_cuts() -> None:
    held: list[Any] = []
    find_cuts(on("polars", [1, 2, 3]), rubric_of({"top": "50%"}, {"next": "10%"}), PLAN, hold=lambda keys: held.append(keys) or keys)
    assert len(held) == 1

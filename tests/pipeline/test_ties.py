"""What is said of slices that equal customers made far larger than was asked."""

from __future__ import annotations

import warnings
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import custier
from custier.cli import run
from custier.lang import warned
from custier.pipeline.ties import tie_warnings
from custier.values import Cut

CURE = "`ties: strict` leaves such out"


def cut(customers: int, last_rank: int | None, group: str | None = None, tier: str = "star", **other: Any) -> Cut:
    of = {"asked": "top 5%", "ties": "generous", "asked_share": 0.05, "num": 0, "den": 100, "value": Decimal("0.00")} | other
    within = None if group is None else "region"
    return Cut(tier=tier, by="spend", realised_share=1.0, customers=customers, last_rank=last_rank, group=group, within=within, **of)


def test_a_slice_of_one_that_lets_twenty_in_is_told_with_what_they_are_equal_at() -> None:
    said = f"top 5% in west asked for 1 customer and let 20 in, since so many are equal at spend 0.00; {CURE}"
    assert list(tie_warnings([cut(20, 1, "west"), cut(3, 1, "east")])) == [said]
    assert list(tie_warnings([cut(1200, 600)])) == [f"top 5% asked for 600 customers and let 1,200 in, {said[said.index('since') :]}"]
    assert warned("zh", said) == (
        "west 的前 5% 要求 1 位客户，实际进入 20 位，因为许多客户的 spend 同为 0.00；`ties: strict` 会把这样的并列者都排除"
    )


@pytest.mark.parametrize("small", [cut(9, 1), cut(19, 10), cut(20, None), cut(0, 0), cut(20, 0, criterion="spend", tier="")])
def test_few_customers_or_less_than_twice_as_many_are_no_warning(small: Cut) -> None:
    assert not list(tie_warnings([small]))


def test_of_many_groups_the_largest_are_named() -> None:
    (said,) = tie_warnings([cut(n, 1, f"g{n}") for n in (10, 40, 20, 30, 5)])
    named = "g40 (40 for 1, spend 0.00), g30 (30 for 1, spend 0.00), g20 (20 for 1, spend 0.00) and 1 more"
    assert said == f"top 5% let in at least twice as many as asked in 4 groups of region, since so many are equal: {named}; {CURE}"
    assert warned("zh", said) == (
        f"前 5%：region 有 4 组进入的客户至少是要求的两倍，因为许多客户数值相同：{named.replace(' and 1 more', '，另有 1 组')}；"
        "`ties: strict` 会把这样的并列者都排除"
    )


def test_a_next_slice_that_ends_with_the_same_equals_says_nothing_new() -> None:
    assert len(list(tie_warnings([cut(20, 1), cut(20, 3, tier="B")]))) == 1
    assert len(list(tie_warnings([cut(20, 1, num=5), cut(60, 3, tier="B")]))) == 2


def test_a_run_and_python_tell_of_customers_without_purchases_in_a_slice(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    Path("r.yaml").write_text(
        "rubric: r\nsources: {transactions: {}, customers: {}}\ntiers: [{name: star, top: 5%, by: spend}, {name: B}]\n"
    )
    Path("s.csv").write_text("customer,date,order,amount\nC1,2025-06-01,1,-1\n")
    Path("c.csv").write_text("customer,region\n" + "".join(f"C{n},west\n" for n in range(1, 31)))
    line = ["classify", "s.csv", "--source", "customers=c.csv", "--rubric", "r.yaml", "--as-of", "2025-06-30", "--dry-run"]
    assert run(line) == 0
    assert "top 5% asked for 1 customer and let 29 in" in capsys.readouterr().out
    assert run([*line, "--lang", "zh"]) == 0
    assert "提醒：前 5% 要求 1 位客户，实际进入 29 位" in capsys.readouterr().out
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        custier.classify(pl.read_csv("s.csv"), "r.yaml", as_of=date(2025, 6, 30), sources={"customers": pl.read_csv("c.csv")})
    assert any("let 29 in" in str(warning.message) for warning in told)

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def sales(tmp_path: Path) -> Path:
    path = tmp_path / "sales.csv"
    path.write_text("customer,date,order,amount\nC1,2025-06-01,1,600000\nC2,2025-06-01,2,10\n", encoding="utf-8")
    return path


def test_copies_have_chinese_headings_and_the_run_keeps_its_own(tmp_path: Path, custier: Callable[..., Any]) -> None:
    line = ["classify", str(sales(tmp_path)), "--rubric", "annual-spend", "--as-of", "2025-12-31"]
    for lang, named in (("zh", "客户编号"), ("en", "customer_id")):
        out = tmp_path / lang
        custier(*line, "--out", str(out), "--lang", lang, cwd=tmp_path)
        rows = list(csv.reader((out / "labels.csv").read_text(encoding="utf-8").splitlines()))
        kept = list(csv.reader(next(tmp_path.glob("custier-store/*/runs/*/labels.csv")).read_text(encoding="utf-8").splitlines()))
        assert rows[0][0] == named and kept[0][0] == "customer_id"
        assert rows[1:] == kept[1:] and len(rows[0]) == len(kept[0])


def test_the_language_may_come_from_the_environment_and_must_be_known(
    tmp_path: Path, custier: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = ["classify", str(sales(tmp_path)), "--rubric", "annual-spend", "--dry-run"]
    monkeypatch.setenv("CUSTIER_LANG", "zh")
    assert "等级分布" in custier(*line, cwd=tmp_path).stdout
    assert "tiers" in custier(*line, "--lang", "en", cwd=tmp_path).stdout
    monkeypatch.setenv("CUSTIER_LANG", "de")
    done = custier(*line, cwd=tmp_path)
    assert done.returncode == 2 and "CUSTIER_LANG" in done.stderr

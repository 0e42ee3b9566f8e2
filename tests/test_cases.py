"""Every folder in tests/cases is a case: a rubric, exports, and what must come out. A new case is a new folder, no code.

case.yaml       rubric (a shipped name or a file of the folder) and the months, each with as_of, the tables it reads and what it expects:
                labels (a CSV with customer_id and any columns of labels.csv), exit (default 0), errors or rejected (codes, sorted)
"""

from __future__ import annotations

import csv
import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from custier.errors import CustierError
from custier.pipeline import Request, classify_files
from custier.values import Summary

CASES = sorted(path.parent for path in (Path(__file__).parent / "cases").glob("*/case.yaml"))
TODAY = datetime.date(2026, 1, 31)
NOW = datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.UTC)


@pytest.mark.parametrize("case", CASES, ids=[c.name for c in CASES])
def test_the_case_comes_out_as_written(case: Path, tmp_path: Path) -> None:
    told = yaml.safe_load((case / "case.yaml").read_text(encoding="utf-8"))
    assert told["months"], "a case has at least one month"
    for month in told["months"]:
        check_month(case, told["rubric"], month, tmp_path / "store")


def check_month(case: Path, rubric: str, month: dict[str, Any], store: Path) -> None:
    try:
        summary = classify_files(request(case, rubric, month, store))
    except CustierError as error:
        assert (error.exit_code, sorted({p.code for p in error.problems})) == (month.get("exit", 0), month.get("errors")), error
        return
    assert "errors" not in month, f"expected {month.get('errors')}"
    assert summary.exit_code == month.get("exit", 0), summary.guards
    assert sorted(r.code for r in summary.rejected) == month.get("rejected", [])
    if "labels" in month:
        check_labels(case / month["labels"], summary)


def request(case: Path, rubric: str, month: dict[str, Any], store: Path) -> Request:
    tables = {name: [str(case / file) for file in files] for name, files in month["tables"].items()}
    others = tuple((name, path) for name, paths in tables.items() if name != "transactions" for path in paths)
    return Request(
        inputs=tuple(tables.get("transactions", ())),
        rubric=str(case / rubric) if rubric.endswith(".yaml") else rubric,
        sources=others,
        store=store,
        today=TODAY,
        now=NOW,
        as_of=month.get("as_of"),
        strict=month.get("strict", False),
    )


def check_labels(expected: Path, summary: Summary) -> None:
    assert summary.directory is not None
    with (Path(summary.directory) / "labels.csv").open(encoding="utf-8", newline="") as file:
        labels = {row["customer_id"]: row for row in csv.DictReader(file)}
    with (Path(summary.directory) / "changes.csv").open(encoding="utf-8", newline="") as file:
        causes = {row["customer_id"]: row["cause"] for row in csv.DictReader(file)}
    with expected.open(encoding="utf-8", newline="") as file:
        wanted = list(csv.DictReader(file))
    assert {row["customer_id"] for row in wanted} == set(labels)
    for row in wanted:
        found = labels[row["customer_id"]] | {"cause": causes.get(row["customer_id"], "")}
        assert {name: found[name] for name in row} == row

"""What an auditor does a year later: the same answer, proved, from the store alone or from the same files once more."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from custier.cli import run
from custier.store import Store
from custier.store.checksums import SUMS, sha256_of
from custier.store.record import content_id


def explained(*words: str, capsys: Any) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["explain", *words, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_an_old_run_is_explained_after_its_inputs_were_deleted(demo: Path, august: str, capsys: Any) -> None:
    before = explained("C0018", "--run", august, "--rows", capsys=capsys)
    shutil.rmtree("exports")
    assert explained("C0018", "--run", august, "--rows", capsys=capsys) == before and before["run_id"] == august
    assert run(["verify", august]) == 0


def test_a_store_that_was_moved_says_the_same_and_is_whole(demo: Path, august: str, capsys: Any) -> None:
    before = explained("C0018", "--run", august, capsys=capsys)
    shutil.copytree("custier-store", "moved/to another place")
    shutil.rmtree("custier-store")
    place = ["--store", "moved/to another place"]
    assert explained("C0018", "--run", august, *place, capsys=capsys) == before
    assert run(["verify", august, *place]) == run(["verify", "--chain", *place]) == run(["verify", *place]) == 0


@pytest.fixture
def here(two_months: Path, demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the demo was classified, so that its files are where the runs found them."""
    monkeypatch.chdir(two_months.parent)


@pytest.mark.parametrize("month", ["august", "september"])
def test_a_run_comes_out_again_from_the_same_files(month: str, here: None, demo: Path, request: pytest.FixtureRequest, capsys: Any) -> None:
    name = request.getfixturevalue(month)
    assert run(["verify", name, "--recompute", "--store", str(demo.parent)]) == 0
    assert "labels.csv, labels.parquet" in capsys.readouterr().out


def forged(store: Store, name: str) -> None:
    """Another tier in the labels of a run, with every checksum made anew."""
    directory = store.runs / name
    labels = directory / "labels.csv"
    labels.write_text(labels.read_text().replace("VIP", "A", 1))
    manifest = json.loads((directory / "manifest.json").read_text())
    manifest["stable"]["outputs"]["labels.csv"] = sha256_of(labels)
    manifest["content_id"] = content_id(manifest["stable"])
    (directory / "manifest.json").write_text(json.dumps(manifest))
    names = [line.split("  ", 1)[1] for line in (directory / SUMS).read_text().splitlines()]
    (directory / SUMS).write_text("".join(f"{sha256_of(directory / name)}  {name}\n" for name in names))


def test_a_run_that_was_forged_with_all_its_checksums_is_found_by_computing_it_again(
    here: None, demo: Path, august: str, capsys: Any
) -> None:
    forged(Store(demo.parent, demo.name), august)
    place = ["--store", str(demo.parent)]
    assert run(["verify", august, *place]) == 0
    assert run(["verify", august, "--recompute", *place]) == 7
    assert "error[CT5310]: labels.csv of " in capsys.readouterr().err
    assert run(["verify", "--chain", *place]) == 7
    assert "error[CT5309]" in capsys.readouterr().err


def test_a_changed_input_is_not_computed_with(
    demo: Path, september: str, two_months: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    place = ["--store", str(demo.parent)]
    manifest = json.loads((demo / "runs" / september / "manifest.json").read_text())
    gone = [path for path in manifest["run"]["paths"] if not Path(path).is_absolute()]
    monkeypatch.setattr("custier.pipeline.recompute._sha_or_none", lambda path: None)
    assert run(["verify", september, "--recompute", *place]) == 4
    err = capsys.readouterr().err
    assert "error[CT2115]: an input of the run is gone or has changed" in err and (not gone or gone[0] in err)


def test_a_run_of_other_rules_is_not_computed_again(demo: Path, september: str, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr("custier.pipeline.recompute.RULES_VERSION", 99)
    assert run(["verify", september, "--recompute"]) == 7
    assert "error[CT5311]" in capsys.readouterr().err


def test_a_failed_run_comes_out_again_too(sales: Path, capsys: Any) -> None:
    Path("torn.csv").write_text("customer_id,date,order,amount\nC4,2025-04-02,S4,many\nC5,2025-04-02,S5,7\n")
    assert run(["classify", "torn.csv", "--rubric", "annual-spend", "--as-of", "2025-12-31", "-q"]) == 1
    failed = next(Path("custier-store/annual-spend/runs").iterdir()).name
    assert run(["verify", failed, "--recompute"]) == 0
    assert "comes out again: rejected.csv" in capsys.readouterr().out


def test_the_chain_is_of_all_runs_or_none(demo: Path, september: str, august: str, capsys: Any) -> None:
    assert run(["verify", "--chain"]) == 0
    assert capsys.readouterr().out == f"2 published runs, each whole and built on the one before it, back to {august}\n"
    assert run(["verify", "--chain", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"] == [september, august]
    assert run(["verify", september, "--chain"]) == run(["verify", "--chain", "--recompute"]) == 2


def test_a_run_of_an_older_custier_is_read(demo: Path, september: str, capsys: Any) -> None:
    directory = demo / "runs" / september
    manifest = json.loads((directory / "manifest.json").read_text())
    manifest["stable"]["schema"] = 0
    (directory / "manifest.json").write_text(json.dumps(manifest))
    assert run(["runs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"][0]["status"] == "current"


def test_pruning_says_what_goes_and_leaves_it_at_that_in_a_dry_run(demo: Path, september: str, august: str, capsys: Any) -> None:
    exports = ["exports/sales-2023-09-to-2025-08.csv", "--rubric", "weighted-grade", "-q", "--no-publish"]
    assert run(["classify", *exports, "--as-of", "2025-07-31"]) in (0, 3)
    capsys.readouterr()
    waits = next(p.name for p in (demo / "runs").iterdir() if p.name not in (september, august))
    assert run(["prune", "--keep", "1", "--held", "--dry-run"]) == 0
    out, err = capsys.readouterr()
    assert waits in out and "1 run and 0 logs of failures would be removed" in out and err == ""
    assert (demo / "runs" / waits).is_dir()
    assert run(["prune", "--keep", "1"]) == 0
    out, err = capsys.readouterr()
    assert "0 runs" in out and f"stay, since nobody decided on them: {waits}; --held removes them too" in err
    assert run(["prune", "--older-than", "1 day", "--held", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["removed"] == []
    assert run(["prune", "--keep", "1", "--held", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["removed"] == [waits] and not (demo / "runs" / waits).exists()
    assert run(["verify", "--chain"]) == 0


@pytest.mark.parametrize("line", [[], ["--keep", "0"], ["--keep", "few"], ["--older-than", "long"], ["--older-than", "12"]], ids=" ".join)
def test_a_pruning_that_says_not_what_may_go_is_refused(line: list[str], demo: Path) -> None:
    assert run(["prune", *line]) == 2


def test_a_rubric_that_counts_years_at_a_tier_keeps_its_published_runs(sales: Path, capsys: Any) -> None:
    Path("r.yaml").write_text(
        "rubric: r\nmetrics: {years: {years_at_tier: A}}\ntiers: [{name: A, when: spend >= 1000}, {name: B, when: years >= 1}, {name: C}]\n"
        "guardrails: {moved_at_most: 100%, customers_drop_at_most: 100%}\n"
    )
    for month in ("2025-04-30", "2025-05-31", "2025-06-30"):
        assert run(["classify", "sales.csv", "--rubric", "r.yaml", "--as-of", month, "-q"]) == 0
    assert run(["prune", "--keep", "1"]) == 0
    out, err = capsys.readouterr()
    assert "0 runs" in out and "published runs stay: years counts back through all of them" in err

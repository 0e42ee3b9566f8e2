"""`explain`, `runs`, `show`, `publish`, `rollback` and `verify` on a store with two published months."""

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from custier.cli import run


def test_explain_shows_the_way_to_the_tier_and_a_sum_that_adds_up(demo: Path, capsys: Any) -> None:
    assert run(["explain", "C0018"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "because  A (score at least 70), then rule doubled → VIP" in lines
    start = next(i for i, line in enumerate(lines) if line.endswith("= weighted"))
    parts = [int(line.split()[-1]) for line in lines[start + 1 : start + 7]]
    assert parts == [30, 14, 10, 10, 12, 2] and lines[start + 8].split() == ["score", str(sum(parts))]


def test_explain_as_json_has_exact_numbers_and_the_rows_when_asked(demo: Path, september: str, capsys: Any) -> None:
    assert run(["explain", "C0018", "--rows", "--json", "--rubric", "weighted-grade"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["tier"], said["run_id"], said["metrics"]["spend"]) == (True, "VIP", september, 661569.40)
    assert sum(line["weighted"] for line in said["criteria"]) == said["score"] == 78
    assert {row["source"] for row in said["rows"]} == {"transactions", "invoices", "surveys"}


def test_explain_of_an_earlier_run_tells_what_was_so_then(demo: Path, august: str, capsys: Any) -> None:
    assert run(["explain", "C0018", "--run", "2025-08"]) == 0
    out = capsys.readouterr().out
    assert f"run      {august}" in out and "tier     B B customer" in out


def test_explain_names_the_places_of_the_rows(demo: Path, capsys: Any) -> None:
    assert run(["explain", "C0018", "--rows"]) == 0
    out = capsys.readouterr().out
    assert "sales-2025-09.csv:" in out and "transactions: " in out


def test_a_run_of_too_many_rows_keeps_none_and_says_how_to_keep_them(sales: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for part in ("request", "keep"):
        monkeypatch.setattr(f"custier.pipeline.{part}.MOST_ROWS_KEPT", 2)
    grade = ["classify", "sales.csv", "--rubric", "annual-spend", "--as-of", "2025-12-31"]
    assert run([*grade, "-q"]) == 0 and run(["explain", "C1"]) == 0
    (directory,) = Path("custier-store/annual-spend/runs").iterdir()
    assert not (directory / "rows").exists() and run(["verify", directory.name]) == 0
    capsys.readouterr()
    assert run(["explain", "C1", "--rows", "--json"]) == 8
    out, err = capsys.readouterr()
    assert json.loads(out)["error"]["code"] == "CT5507" and f"{directory.name} kept no rows, since it read more than 2,000,000" in err
    assert "custier classify … --keep-rows" in err
    assert run([*grade, "--keep-rows"]) == 0 and " · published" in capsys.readouterr().out
    assert run(["explain", "C1", "--rows"]) == 0 and "sales.csv:2" in capsys.readouterr().out
    kept = next(path for path in directory.parent.iterdir() if path != directory)
    assert all((kept / name).read_bytes() == (directory / name).read_bytes() for name in ("labels.parquet", "labels.csv", "changes.csv"))
    assert run([*grade, "--keep-rows"]) == 0 and "Nothing to do" in capsys.readouterr().out


def test_a_customer_no_rows_were_asked_for_is_explained_without_them(sales: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    grade = ["classify", "sales.csv", "--rubric", "weighted-grade", "--as-of", "2025-12-31", "-q"]
    assert run(grade) == 0 and run(["explain", "C1"]) == 0
    expected = capsys.readouterr().out
    monkeypatch.setattr("custier.pipeline.request.MOST_ROWS_KEPT", 0)
    assert run([*grade, "--store", "other"]) == 0 and run(["explain", "C1", "--store", "other"]) == 0
    assert capsys.readouterr().out == expected and not list(Path("other").rglob("rows"))


def test_an_unknown_customer_exits_8_with_near_ids(demo: Path, capsys: Any) -> None:
    assert run(["explain", "c0018", "--json"]) == 8
    out, err = capsys.readouterr()
    assert "help: near ids: C0018" in err and err.endswith("1 error. (exit 8)\n")
    assert json.loads(out)["error"]["code"] == "CT5506"


@pytest.mark.parametrize("line", [["-x"], ["--odd-id"], ["--", "-x"], ["-1"], ["--json", "-x"]])
def test_explain_takes_ids_that_look_like_options(sales: Path, capsys: Any, line: list[str]) -> None:
    sales.write_text("customer_id,date,order,amount\n" + "".join(f"{name},2025-06-01,1,5.00\n" for name in ("-x", "--odd-id", "-1")))
    assert run(["classify", "sales.csv", "--rubric", "annual-spend", "-q"]) == 0
    assert run(["explain", *line]) == 0
    assert line[-1] in capsys.readouterr().out


def test_a_failed_run_has_nobody_to_explain(sales: Path, capsys: Any) -> None:
    sales.write_text(sales.read_text() + "C4,2025-04-02,S4,many\n")
    assert run(["classify", "sales.csv", "--rubric", "annual-spend", "--strict"]) == 1
    assert run(["explain", "C1", "--run", "2025-04-02"]) == 8
    assert "error[CT5505]" in capsys.readouterr().err


def test_runs_lists_what_there_is(demo: Path, september: str, august: str, capsys: Any) -> None:
    assert run(["runs"]) == 0
    rows = [line.split()[:4] for line in capsys.readouterr().out.splitlines()[1:]]
    assert sorted(rows) == [[august, "earlier", "69", "0"], [september, "current", "72", "9"]]
    assert run(["runs", "--json"]) == 0
    assert {row["run_id"] for row in json.loads(capsys.readouterr().out)["runs"]} == {august, september}


def test_show_tells_what_became_of_the_run(demo: Path, august: str, september: str, capsys: Any) -> None:
    assert run(["show", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["run_id"], said["status"], date.fromisoformat(said["as_of"])) == (september, "current", date(2025, 9, 30))
    assert run(["show", august]) == 0
    assert f"{august} · earlier" in capsys.readouterr().out


def test_a_summary_that_is_gone_exits_7(demo: Path, september: str, capsys: Any) -> None:
    (demo / "runs" / september / "summary.json").unlink()
    assert run(["show", september]) == 7
    assert "error[CT5901]" in capsys.readouterr().err


def test_rollback_and_publish_move_the_current_run_and_are_noted(demo: Path, august: str, september: str, capsys: Any) -> None:
    assert run(["rollback"]) == 0
    assert (
        capsys.readouterr().out == f"{september} is undone, {august} is current again\n" and (demo / "CURRENT").read_text() == f"{august}\n"
    )
    assert run(["publish", "2025-09", "--reason", "checked", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "run": september, "warnings": []}
    assert (demo / "CURRENT").read_text() == f"{september}\n"
    noted = [json.loads(line) for line in (demo / "publications.jsonl").read_text().splitlines()[-2:]]
    assert [(note["event"], note["run"], note["reason"]) for note in noted] == [
        ("rollback", august, "rolled back"),
        ("publish", september, "checked"),
    ]
    assert all(note["by"] for note in noted)


def test_rollback_to_a_named_run_goes_forward_too_and_says_what_it_replaced(demo: Path, august: str, september: str, capsys: Any) -> None:
    assert run(["rollback", "2025-08", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "run": august, "before": september, "warnings": []}
    assert run(["rollback", "2025-09"]) == 0
    assert capsys.readouterr().out == f"{september} is current again in place of {august}\n"
    (demo / "CURRENT").write_text("garbage")
    assert run(["rollback", "2025-09"]) == 0
    assert capsys.readouterr().out == f"{september} is current again\n"


@pytest.mark.parametrize("line", [["publish", "2025-09", "--reason", "again"], ["rollback", "2025-09"]])
def test_what_is_current_already_is_said_to_be_and_not_noted_again(demo: Path, september: str, capsys: Any, line: list[str]) -> None:
    log = (demo / "publications.jsonl").read_bytes()
    assert run(line) == 0
    assert capsys.readouterr().out == f"{september} is already current\n"
    assert (demo / "publications.jsonl").read_bytes() == log


@pytest.mark.parametrize("reason", ["", " ", "\t\n", "\u3000"])
@pytest.mark.parametrize("line", [["publish", "2025-08"], ["rollback"]])
def test_a_reason_without_a_word_is_refused(demo: Path, september: str, capsys: Any, line: list[str], reason: str) -> None:
    assert run([*line, "--reason", reason]) == 2
    assert "error[CT1900]: the reason is empty" in capsys.readouterr().err
    assert (demo / "CURRENT").read_text() == f"{september}\n"


def test_publish_takes_none_of_several_runs_of_a_day(sales: Path, capsys: Any) -> None:
    grade = ["--rubric", "annual-spend", "--as-of", "2025-12-31", "--quiet"]
    assert run(["classify", "sales.csv", *grade]) == 0
    sales.write_text(sales.read_text().replace("900.00", "901.00"))
    assert run(["classify", "sales.csv", *grade, "--no-publish"]) == 0
    assert run(["show", "2025-12-31"]) == 0
    assert run(["publish", "2025-12-31", "--reason", "checked"]) == 8
    assert "error[CT5504]" in capsys.readouterr().err


def test_rollback_tells_when_it_could_not_be_noted(demo: Path, capsys: Any) -> None:
    (demo / "publications.jsonl").unlink()
    (demo / "publications.jsonl").mkdir()
    assert run(["rollback"]) == 0
    assert "warning: the publication could not be noted in its log\nhelp: " in capsys.readouterr().err


def test_verify_says_that_a_run_is_whole_and_exits_7_for_a_damaged_one(demo: Path, september: str, capsys: Any) -> None:
    assert run(["verify", september]) == 0
    assert capsys.readouterr().out == f"{september} is whole\n"
    labels = demo / "runs" / september / "labels.csv"
    labels.write_bytes(labels.read_bytes().replace(b"VIP", b"vip", 1))
    assert run(["verify", september, "--json"]) == 7
    out, err = capsys.readouterr()
    assert "error[CT5301]" in err and "labels.csv" in err and json.loads(out)["error"]["exit"] == 7


@pytest.mark.parametrize(
    "line", [["runs"], ["show"], ["explain", "C1"], ["verify", "2025"], ["rollback"], ["publish", "2025", "--reason", "x"]]
)
def test_without_a_store_every_command_exits_8_and_makes_none(tmp_path: Path, monkeypatch: Any, capsys: Any, line: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(line) == 8
    assert "error[CT5502]" in capsys.readouterr().err and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["change", "cut", "remove"])
@pytest.mark.parametrize("name", ["evidence.parquet", "rubric.yaml", "manifest.json", "explain.json"])
def test_a_damaged_run_is_told_of_and_not_used(demo: Path, september: str, capsys: Any, name: str, damage: str) -> None:
    file = demo / "runs" / september / name
    whole = file.read_bytes()
    file.chmod(0o600)
    file.unlink() if damage == "remove" else file.write_bytes(whole[: len(whole) // 2] if damage == "cut" else whole + b"\n")
    assert run(["explain", "C0018"]) == 7
    assert "error[CT53" in capsys.readouterr().err
    if name in ("evidence.parquet", "manifest.json"):
        assert run(["classify", "exports/sales-2025-09.csv", "--rubric", "weighted-grade", "--as-of", "2025-10-31"]) == 7
        assert "error[CT53" in capsys.readouterr().err


def listed(directory: Path, *, but: str) -> list[str]:
    return [line for line in (directory / "SHA256SUMS").read_text().splitlines(keepends=True) if not line.endswith(f"  {but}\n")]


def test_a_run_without_a_prepared_policy_or_with_an_older_one_is_explained_from_its_rubric(demo: Path, september: str, capsys: Any) -> None:
    assert run(["explain", "C0018", "--rows"]) == 0
    told, directory = capsys.readouterr().out, demo / "runs" / september
    policy = json.loads((directory / "explain.json").read_text())
    older = json.dumps({"format": 0, "tiers": []})
    sums = listed(directory, but="explain.json")
    (directory / "SHA256SUMS").write_text("".join([*sums, f"{hashlib.sha256(older.encode()).hexdigest()}  explain.json\n"]))
    (directory / "explain.json").write_text(older)
    assert run(["explain", "C0018", "--rows"]) == 0 and capsys.readouterr().out == told
    (directory / "SHA256SUMS").write_text("".join(sums))
    (directory / "explain.json").write_text(json.dumps(policy | {"title": "planted"}))
    assert run(["explain", "C0018", "--rows"]) == 0 and capsys.readouterr().out == told
    (directory / "explain.json").unlink()
    assert run(["explain", "C0018", "--rows"]) == 0 and capsys.readouterr().out == told


def test_a_file_too_large_to_be_hashed_is_still_told_of_when_it_cannot_be_read(
    demo: Path, september: str, capsys: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("custier.explain.kept.HASHED_BYTES", 20_000)
    file = demo / "runs" / september / "evidence.parquet"
    content = file.read_bytes()
    assert len(content) > 20_000
    for damaged in (content[: len(content) - 1000], content[:4] + bytes(len(content) - 3000) + content[-2996:]):
        file.write_bytes(damaged)
        assert run(["explain", "C0018"]) == 7
        assert "error[CT5306]" in capsys.readouterr().err


def test_amounts_keep_their_last_zero_on_every_page(tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sales.csv").write_text("customer,date,order,amount\nC1,2025-06-01,1,600885.40\nC2,2025-06-01,2,10\nC3,2025-06-01,3,7.5\n")
    Path("r.yaml").write_text(
        "rubric: r\ntiers: [{name: VIP, when: spend >= 700_000.5}, {name: A, top: 1 customers, by: spend}, {name: B}]\n"
    )
    assert run(["classify", "sales.csv", "--rubric", "r.yaml", "--as-of", "2025-12-31"]) == 0
    graded = capsys.readouterr().out
    assert run(["show"]) == 0
    shown = capsys.readouterr().out
    for page in (graded, shown):
        assert "600,885.40" in page and "spend 600,885.40" in page and "17.50" in page
    assert run(["explain", "C1"]) == 0
    assert "top 1 customer by spend: at least 600,885.40" in (told := capsys.readouterr().out)
    assert "spend rises to 700,000.50  (now 600,885.40, 99,115.10 more)" in told
    assert run(["explain", "C2", "--json"]) == 0
    assert '"needed": 600885.40' in capsys.readouterr().out

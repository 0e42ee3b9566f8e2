"""A run as files: its key, its manifest, its tables, and the stored answer when it was run before."""

from __future__ import annotations

import hashlib
import json
import platform
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from custier import __version__
from custier.explain.policy import MERGES_FILE, POLICY_FILE
from custier.explain.prepared import prepared
from custier.frames import Frame
from custier.guard import NOT_OLDER, NOT_UNDONE
from custier.labels import action_list, label_columns, moved_customers
from custier.measure import with_lateness
from custier.measure.dated import with_in_window
from custier.pipeline.gather import Gathered
from custier.pipeline.kept_cuts import KeptCuts
from custier.pipeline.last import Earlier
from custier.pipeline.request import FORMATS, MOST_ROWS_KEPT, Job
from custier.rubric.columns import RECORDS, ColumnKind, frame_name
from custier.rubric.plan import day_number
from custier.store import manifest, saving, sha256_of, write_manifest
from custier.values import Account, Cut, Guard, History, Summary
from custier.write import Output, parts_of, write_as_one, write_csv, write_json, write_parquet, write_text, write_together

OUTPUTS = ("labels.parquet", "labels.csv", "labels.xlsx", "changes.csv", "actions.csv", "rejected.csv")

RULES_VERSION = 1
"""Raised when the same rubric on the same rows would give another answer than before."""


@dataclass(frozen=True)
class Run:
    """One run as it will be kept."""

    job: Job
    run_id: str
    as_of: date
    as_of_from: str
    gathered: Gathered
    earlier: Earlier
    accounts: list[Account]
    guards: list[Guard]
    kept_cuts: KeptCuts | None = None
    histories: Mapping[str, History] = field(default_factory=dict)  # of each source, for the runs after this one

    @property
    def cuts(self) -> Sequence[Cut]:
        """Those of an earlier run that hold instead of new ones."""
        return () if self.kept_cuts is None else self.kept_cuts.cuts


def sha256_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def run_key(gathered: Gathered, rubric_sha: str, as_of: date, earlier: Earlier, kept: KeptCuts | None, outcome: str = "") -> str:
    """The hash of all that decides the answer: inputs, rubric, as-of date, the run before, the cuts kept, and the rules of this version."""
    decides: dict[str, Any] = {
        "inputs": sorted([f.source, f.sha256] for f in gathered.files),
        "rubric": rubric_sha,
        "as_of": as_of.isoformat(),
        "previous": earlier.run,
        "rules": RULES_VERSION,
    }
    decides |= {"cuts": [kept.run, kept.content_id]} if kept is not None else {}
    decides |= {"outcome": outcome} if outcome else {}
    many = sum(counted.read for counted in gathered.counted.values()) > MOST_ROWS_KEPT
    decides |= {"rows": "kept"} if many and gathered.kept else {}  # so that rows can be kept of a run that is there without
    return sha256_text(json.dumps(decides, sort_keys=True))


def write_customers(directory: Path, run: Run, chunks: Iterable[pl.DataFrame]) -> Frame:
    """Evidence, labels, changes and actions of graded customers that come in parts; returns the evidence."""
    labels = labels_of(run)
    formats = {"parquet", *run.job.request.formats}
    outputs = [Output(directory / "evidence.parquet", lambda frame: frame)]
    outputs += [Output(directory / f"labels.{kind}", labels) for kind in FORMATS if kind in formats]
    outputs += [Output(directory / name, columns) for name, columns in lists_of(run).items()]
    write_together(chunks, outputs)
    return nw.from_native(pl.scan_parquet(directory / "evidence.parquet", glob=False))


def labels_of(run: Run) -> Callable[[pl.LazyFrame], pl.LazyFrame]:
    """What makes labels of graded customers."""
    columns = label_columns(run.job.rubric, run.gathered.plan, with_touched=True)

    def labels(evidence: pl.LazyFrame) -> pl.LazyFrame:
        made: pl.LazyFrame = nw.from_native(evidence).select(**columns).to_native()
        return made

    return labels


def lists_of(run: Run) -> dict[str, Callable[[pl.LazyFrame], pl.LazyFrame]]:
    """The files that list customers, and what makes each of graded customers: who is new, moved or back; what is to be done."""
    actions = {"actions.csv": lambda graded: action_list(graded, run.job.rubric, run.as_of)} if run.job.rubric.actions else {}
    return {name: _made_natively(make) for name, make in ({"changes.csv": moved_customers} | actions).items()}


def _made_natively(make: Callable[[Any], Any]) -> Callable[[pl.LazyFrame], pl.LazyFrame]:
    def made(evidence: pl.LazyFrame) -> pl.LazyFrame:
        frame: pl.LazyFrame = make(nw.from_native(evidence)).to_native()
        return frame

    return made


def write_run(directory: Path, run: Run, summary: Summary, cuts: list[Cut], digests: Mapping[Path, Future[str]]) -> dict[str, str]:
    """The rest of a complete run: rejects, rows, rubric, summary, log and manifest.

    digests: of files that are there already and hashed meanwhile; returns them with the SHA-256 of the other outputs.
    """
    write_json(prepared(run.job.rubric, run.as_of), directory / POLICY_FILE)
    if run.gathered.kept:
        with saving(directory):
            (directory / "rows").mkdir()
    if run.gathered.merges is not None:
        merges: pl.DataFrame = run.gathered.merges.sort("customer_id").collect(backend="polars").to_native()
        write_parquet(merges.rename({"up": "into"}), directory / MERGES_FILE)
    for source, rows in run.gathered.kept.items():
        kept = _rows_of(source, rows, run, nw.from_native(pl.scan_parquet(parts_of(directory / "evidence.parquet"), glob=False)))
        write_parquet(kept, directory / "rows" / f"{source}.parquet")
    return _write_rest(directory, run, summary, _found(run, cuts), digests)


def _held(kind: ColumnKind) -> dict[str, Any]:
    """How a stored column is held; how an export wrote it stands in the rubric."""
    return {"type": kind.type, "scale": kind.scale, "required": kind.required}


def _found(run: Run, cuts: list[Cut]) -> dict[str, Any]:
    """How the stored columns are to be read, and where the population was cut."""
    columns = {source: {name: _held(kind) for name, kind in kinds.items()} for source, kinds in run.gathered.columns.items()}
    metrics = {name: asdict(planned.kind) for name, planned in run.gathered.plan.metrics.items()}
    formats = run.gathered.formats
    found = {"currency": run.job.rubric.currency, "metrics": metrics, "columns": columns, "formats": formats}
    kept = run.kept_cuts and {"run": run.kept_cuts.run, "content_id": run.kept_cuts.content_id}
    return found | {"cuts": [asdict(cut) for cut in cuts], "cuts_from": kept}


def write_failed(directory: Path, run: Run, summary: Summary) -> dict[str, str]:
    """What a run leaves that failed its checks: the rejects, the figures and the manifest, but no labels."""
    return _write_rest(directory, run, summary, {}, {})


def _rows_of(source: str, good: pl.LazyFrame, run: Run, customers: Frame) -> pl.DataFrame:
    """Good rows up to the as-of date, by customer: whether the window covers them, where it matters; how late they were paid."""
    known, kinds, as_of = nw.from_native(good), run.gathered.columns[source], run.as_of
    if "date" in kinds:
        known = known.filter(nw.col("date_day") <= day_number(as_of))
    if source not in RECORDS and "date" in kinds:
        known = with_in_window(known, customers, run.job.rubric.window, as_of)
    if "paid" in kinds:
        known = with_lateness(known, as_of)
    texts = [frame_name(name) for name, kind in kinds.items() if kind.type == "text"]
    rows: pl.DataFrame = known.with_columns(nw.col(*texts).cast(nw.String())).collect().to_native()
    working = [c for c in rows.columns if c.endswith(("_day", "_us")) and c.rsplit("_", 1)[0] in rows.columns]
    return rows.drop(working).sort("customer_id", *(["date"] if "date" in kinds else []), "file", "line")


def _write_rest(directory: Path, run: Run, summary: Summary, found: dict[str, Any], digests: Mapping[Path, Future[str]]) -> dict[str, str]:
    write_csv(run.gathered.rejected, directory / "rejected.csv")
    write_text(run.job.text, directory / "rubric.yaml")
    write_json(summary, directory / "summary.json")
    write_text(_log(run, summary), directory / "log.jsonl")
    known = {path.name: digest.result() for path, digest in digests.items()}
    outputs = {name: known.get(name) or sha256_of_output(directory / name) for name in OUTPUTS if (directory / name).exists()}
    stable = _stable(run, summary) | found | {"outputs": outputs}
    write_manifest(directory, manifest(stable, _run_half(run, summary)))
    return known | outputs


def sha256_of_output(path: Path) -> str:
    """The hash of an output; of one in parts, that of the same table in one file, so that it is the same whatever engine wrote it."""
    if not path.is_dir():
        return sha256_of(path)
    whole = path.with_name(f".{path.name}.whole{path.suffix}")
    write_as_one(parts_of(path), whole)
    try:
        return sha256_of(whole)
    finally:
        whole.unlink()


def _stable(run: Run, summary: Summary) -> dict[str, Any]:
    start, end = run.job.rubric.window.dates(run.as_of)
    return {
        "custier": __version__,
        "rules": RULES_VERSION,
        "rubric": {"name": run.job.rubric.rubric, "version": run.job.rubric.version, "sha256": run.job.sha256},
        "as_of": run.as_of.isoformat(),
        "window": {"from": start and start.isoformat(), "before": end.isoformat()},
        "previous": run.earlier.run and {"run": run.earlier.run, "content_id": run.earlier.content_id},
        "inputs": sorted((_input(f) for f in run.gathered.files), key=lambda i: (i["source"], i["sha256"])),
        "accounts": [asdict(a) for a in run.accounts],
        "orphans": summary.orphans,
        "tiers": {t.name: t.customers for t in summary.tiers},
        "changes": summary.changes,
        "movement": summary.movement,
        "actions": {action.name: action.customers for action in summary.actions},
        "currency_decimals": run.job.rubric.currency_decimals,
        "history": {source: asdict(history) for source, history in run.histories.items()},
        "checks": [asdict(g) for g in summary.guards if g.name not in (NOT_OLDER, NOT_UNDONE)],
    }


def _input(file: Any) -> dict[str, Any]:
    return {k: v for k, v in asdict(file).items() if k != "path"}


def _run_half(run: Run, summary: Summary) -> dict[str, Any]:
    return {
        "status": summary.status,
        "exit_code": summary.exit_code,
        "as_of_from": summary.as_of_from,
        "created": run.job.request.now.isoformat(),
        "base": run.job.base,
        "host": socket.gethostname(),
        "python": platform.python_version(),
        "polars": pl.__version__,
        "engine": run.job.request.engine,
        "command": run.job.request.command,
        "paths": [f.path for f in run.gathered.files],
    }


def _log(run: Run, summary: Summary) -> str:
    """The log to its end, which is the summary: what is published after this is told in the log of publications."""
    log = run.job.log
    for guard in summary.guards:
        log.add("guard.checked", level="warning" if guard.held else "info", step="guard", **asdict(guard))
    log.add("run.end", status=summary.status, exit_code=summary.exit_code, customers=summary.customers)
    return log.lines(run.run_id)

"""A stored run computed once more, from the same files by the same rubric, and compared byte for byte."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from custier import store as stores
from custier.errors import InputError, Problem, StoreError
from custier.pipeline.budget import memory_bytes
from custier.pipeline.engine import ENGINES
from custier.pipeline.keep import OUTPUTS, RULES_VERSION, sha256_of_output, sha256_text
from custier.pipeline.log import Log
from custier.pipeline.one_source import Reading
from custier.pipeline.request import FORMATS, Job, Request
from custier.rubric.load import load_rubric, resolved_text
from custier.store import Store
from custier.write import write_csv


def recompute(store: Store, run: str) -> list[str]:
    """The files of a run that came out again byte for byte.

    Raises InputError (CT2115) where an input is gone or was changed, StoreError (CT5310, CT5311) where the run was made by other rules or
    another file comes out.
    """
    stores.require_whole(store, run)
    manifest = stores.read_manifest(store, run)
    stable, half = manifest["stable"], manifest["run"]
    where = str(stores.run_directory(store, run))
    if stable["rules"] != RULES_VERSION:
        what = f"{run} was made by rules {stable['rules']}, this custier has {RULES_VERSION}"
        raise StoreError(Problem("CT5311", what, where, f"compute it with custier {stable['custier']}"))
    with tempfile.TemporaryDirectory(prefix="custier-") as scratch:
        found = _computed(_request(store, run, stable, half), Path(scratch))
    # other versions of Polars may pack the same table otherwise
    wanted = {name: sha for name, sha in stable["outputs"].items() if half.get("polars") == pl.__version__ or not name.endswith(".parquet")}
    differs = [name for name, sha in wanted.items() if found.get(name) != sha]
    if differs:
        cure = f"keep both, and report it with manifest.json: the same custier ({stable['custier']}) should give the same bytes"
        raise StoreError([Problem("CT5310", f"{name} of {run} comes out otherwise", where, cure) for name in differs])
    return sorted(wanted)


def _request(store: Store, run: str, stable: dict[str, Any], half: dict[str, Any]) -> Request:
    made, directory, kept = datetime.fromisoformat(half["created"]), stores.run_directory(store, run), stable.get("cuts_from")
    return Request(
        inputs=(),
        rubric=str(directory / "rubric.yaml"),
        sources=tuple(_same_inputs(half["paths"], stable["inputs"])),
        store=store.root,
        today=made.date(),
        now=made,
        as_of=date.fromisoformat(stable["as_of"]),
        previous=stable["previous"]["run"] if stable["previous"] else "none",
        cuts=kept["run"] if kept else "new",
        formats=tuple(kind for kind in FORMATS if f"labels.{kind}" in stable["outputs"]),
        dry_run=True,
        engine=half["engine"],
    )


def _same_inputs(paths: Sequence[str], inputs: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """Source and path of each file that the run read; raises InputError (CT2115) for those that are no longer what they were."""
    sources, lost = [], []
    for path in paths:
        known = [entry["source"] for entry in inputs if entry["sha256"] == _sha_or_none(path)]
        lost += [] if known else [path]
        sources += [(source, path) for source in known]
    if lost:
        cure = "bring back the files as they were, at the same place; without --recompute the run itself is checked"
        raise InputError([Problem("CT2115", "an input of the run is gone or has changed", path, cure) for path in lost])
    return list(dict.fromkeys(sources))


def _sha_or_none(path: str) -> str | None:
    try:
        return stores.sha256_of(Path(path).resolve())
    except OSError:
        return None


def _computed(request: Request, scratch: Path) -> dict[str, str]:
    """Name → SHA-256 of every output that the request gives."""
    from custier.pipeline import is_failed, run_of

    rubric = load_rubric(str(request.rubric)).rubric
    text, store = resolved_text(rubric), Store(request.store, rubric.rubric)
    results = scratch / "results"
    results.mkdir()
    with ENGINES[request.engine](request) as engine:
        job = Job(request, rubric, text, sha256_text(text), store, None, engine.find(request, rubric), lambda _: None, Log(request.now))
        gathered = engine.gather(job.inputs, Reading(rubric, request.today, scratch, memory_bytes(None), 0))
        run = run_of(job, gathered)
        write_csv(gathered.rejected, results / "rejected.csv")
        if not is_failed(run):
            with engine.grade(run, scratch) as graded:
                graded.write(results)
    return {name: sha256_of_output(results / name) for name in OUTPUTS if (results / name).exists()}

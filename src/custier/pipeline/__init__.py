"""One run from files to a published directory: the order of the steps, and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from custier import __version__
from custier import store as stores
from custier.account import account_for
from custier.errors import NotFoundError, Problem
from custier.guard import check_rejected, check_usable
from custier.pipeline.as_of import choose_as_of, is_usable
from custier.pipeline.budget import memory_bytes
from custier.pipeline.checks import histories_of
from custier.pipeline.copies import refuse_mixed_copies
from custier.pipeline.engine import ENGINES, Engine
from custier.pipeline.failure import noting_failures
from custier.pipeline.gather import Gathered
from custier.pipeline.keep import Run, run_key, sha256_text
from custier.pipeline.kept_cuts import find_kept_cuts
from custier.pipeline.last import find_earlier
from custier.pipeline.log import Log
from custier.pipeline.one_source import Reading
from custier.pipeline.outgrown import refusing_outgrown
from custier.pipeline.publish import keep_failed, keep_run, known_run
from custier.pipeline.request import FORMATS, USUAL_FORMATS, Job, Request
from custier.pipeline.tell import summarise_failed
from custier.rubric.load import load_rubric, resolved_text
from custier.rubric.model import Rubric
from custier.store import Store
from custier.values import Summary

__all__ = ["FORMATS", "USUAL_FORMATS", "Request", "classify_files", "refusing_outgrown"]


def classify_files(request: Request, on_stage: Callable[[str], None] = lambda _: None) -> Summary:
    """Reads, grades, writes and publishes; the summary's exit_code is 0, 1 (the data failed) or 3 (held). Raises CustierError."""
    rubric, log = _rubric_of(request), Log(request.now)
    log.add("run.start", rubric=rubric.rubric, version=rubric.version, engine=request.engine, custier=__version__)

    def staged(step: str) -> None:
        log.add(f"{step}.start", step=step)
        on_stage(step)

    with noting_failures(request, rubric, log), ENGINES[request.engine](request) as engine:
        return _classify_with(engine, request, rubric, staged, log)


def _classify_with(engine: Engine, request: Request, rubric: Rubric, on_stage: Callable[[str], None], log: Log) -> Summary:
    memory_bytes(request.memory)  # what is wrong with it is told before a store is made
    refuse_mixed_copies(request.out, request.pseudonyms)
    inputs, text = engine.find(request, rubric), resolved_text(rubric)

    def job(store: Store | None) -> Job:
        base = stores.current_run(store) if store is not None else None
        return Job(request, rubric, text, sha256_text(text), store, base, inputs, on_stage, log)

    if request.dry_run:
        return _classify(engine, job(_store_to_read(request, rubric)))
    store = stores.open_store(request.store, rubric.rubric)
    with stores.locked(store, rubric.rubric, wait_seconds=request.lock_wait_seconds):
        log.add("lock.acquired")
        log.add("staging.swept", left_by_crashes=len(stores.sweep(store)))
        return _classify(engine, job(store))


def _rubric_of(request: Request) -> Rubric:
    if request.rubric is not None:
        return load_rubric(request.rubric).rubric
    store = stores.find_store(request.store, None)
    current = stores.current_run(store)
    if current is None:
        what = "the store has no published run to take the rubric from"
        raise NotFoundError(Problem("CT1905", what, str(request.store), "name the rubric with --rubric"))
    return load_rubric(stores.run_directory(store, current) / "rubric.yaml").rubric


def _store_to_read(request: Request, rubric: Rubric) -> Store | None:
    try:
        return stores.find_store(request.store, rubric.rubric)
    except NotFoundError:
        return None


@contextmanager
def _scratch(job: Job) -> Iterator[Path]:
    """Where a run puts what it needs only while it works: beside the run, so that what a crash leaves is swept by the next."""
    if job.store is not None and not job.request.dry_run:
        with stores.scratch(job.store) as directory:
            yield directory
    else:
        with tempfile.TemporaryDirectory(prefix="custier-") as name:
            yield Path(name)


def _classify(engine: Engine, job: Job) -> Summary:
    memory = memory_bytes(job.request.memory)
    with _scratch(job) as scratch:
        job.on_stage("read")
        gathered = engine.gather(job.inputs, Reading(job.rubric, job.request.today, scratch, memory, job.request.most_rows_kept))
        for file in gathered.files:
            job.log.add("input.read.done", step="read", **{key: value for key, value in asdict(file).items() if key != "path"})
        job.on_stage("validate")
        run = run_of(job, gathered)
        if is_failed(run):
            return keep_failed(run, summarise_failed(run))
        return known_run(run) or _grade(run, engine, scratch)


def run_of(job: Job, gathered: Gathered) -> Run:
    """What was read as a run: its as-of date, its accounts and its checks; raises UsageError and NotFoundError of `previous` and `cuts`."""
    as_of, as_of_from = choose_as_of(job.request.as_of, job.request.today, gathered.counted, gathered.columns)
    earlier = find_earlier(job.store, job.request.previous, as_of, job.rubric, job.sha256, gathered.scan, gathered.merges)
    kept = find_kept_cuts(job.store, job.request.cuts, job.rubric, gathered.plan)
    accounts = [account_for(counted, job.rubric, gathered.plan, as_of) for counted in gathered.counted.values()]
    for account in accounts:
        job.log.add("input.accounted", step="validate", **asdict(account))
    guards = [*check_rejected(accounts, job.rubric.guardrails), *check_usable(is_usable(accounts))]
    run = Run(job, "", as_of, as_of_from, gathered, earlier, accounts, guards, kept, histories_of(accounts, gathered, job.rubric, as_of))
    key = run_key(gathered, job.sha256, as_of, earlier, kept, "failed" if is_failed(run) else "")
    return replace(run, run_id=stores.run_id(as_of, key))


def is_failed(run: Run) -> bool:
    """Whether the rows of a run failed its checks, so that nobody is graded."""
    return any(g.held for g in run.guards) or (run.job.request.strict and any(a.rejected for a in run.accounts))


def _grade(run: Run, engine: Engine, scratch: Path) -> Summary:
    run.job.on_stage("grade")
    with engine.grade(run, scratch) as graded:
        run.job.on_stage("write")
        return keep_run(run, graded, scratch)

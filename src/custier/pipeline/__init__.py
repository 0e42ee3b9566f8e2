"""One run from files to a published directory: the order of the steps, and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import narwhals as nw

from custier import store as stores
from custier.account import account_for
from custier.errors import InputError, NotFoundError, Problem, listed
from custier.grade import grade
from custier.guard import check_movement, check_newer, check_rejected, check_usable
from custier.measure import measure_customers
from custier.measure.fit import is_outgrown, outgrown_metrics
from custier.pipeline.gather import choose_as_of, find_inputs, gather, is_usable, plan_for
from custier.pipeline.keep import Run, run_key, sha256_text
from custier.pipeline.last import find_earlier
from custier.pipeline.publish import current_as_of, keep_failed, keep_run, known_run
from custier.pipeline.request import FORMATS, Job, Request
from custier.pipeline.tell import summarise_failed
from custier.rubric.load import load_rubric, resolved_text
from custier.rubric.model import Rubric
from custier.rubric.plan import Plan
from custier.store import Store
from custier.values import Summary

__all__ = ["FORMATS", "Request", "classify_files"]


def classify_files(request: Request, on_stage: Callable[[str], None] = lambda _: None) -> Summary:
    """Reads, grades, writes and publishes; the summary's exit_code is 0, 1 (the data failed) or 3 (held). Raises CustierError."""
    rubric = _rubric_of(request)
    inputs, text = find_inputs(request, rubric), resolved_text(rubric)

    def job(store: Store | None) -> Job:
        base = stores.current_run(store) if store is not None else None
        return Job(request, rubric, text, sha256_text(text), store, base, inputs, on_stage)

    if request.dry_run:
        return _classify(job(_store_to_read(request, rubric)))
    store = stores.open_store(request.store, rubric.rubric)
    with stores.locked(store, rubric.rubric):
        stores.sweep(store)
        return _classify(job(store))


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


def _classify(job: Job) -> Summary:
    with tempfile.TemporaryDirectory(prefix="custier-") as scratch:
        job.on_stage("read")
        gathered = gather(job.paths, job.rubric, job.request.today, Path(scratch))
        job.on_stage("validate")
        as_of, as_of_from = choose_as_of(job.request.as_of, job.request.today, gathered.tables)
        earlier = find_earlier(job.store, job.request.previous, as_of, job.rubric, job.sha256)
        plan = plan_for(job.rubric, gathered.columns)
        accounts = [account_for(table, job.rubric, plan, as_of) for table in gathered.tables.values()]
        guards = [*check_rejected(accounts, job.rubric.guardrails), *check_usable(is_usable(accounts))]
        failed = any(g.held for g in guards) or (job.request.strict and any(a.rejected for a in accounts))
        key = run_key(gathered, job.sha256, as_of, earlier, "failed" if failed else "")
        run = Run(job, stores.run_id(as_of, key), as_of, as_of_from, gathered, earlier, accounts, guards)
        if failed:
            return keep_failed(run, summarise_failed(run))
        return known_run(run) or _grade(run, plan)


def _grade(run: Run, plan: Plan) -> Summary:
    job = run.job
    job.on_stage("grade")
    tables = {name: nw.from_native(table.good.to_native().lazy()) for name, table in run.gathered.tables.items()}
    measures = (tables, job.rubric, plan, run.gathered.columns, run.as_of, run.earlier.before)
    try:
        graded = grade(*measures, run.earlier.last)
    except nw.exceptions.InvalidOperationError as error:
        if not is_outgrown(error):
            raise
        raise _too_large(outgrown_metrics(measure_customers(*measures), plan)) from None
    guards = [*run.guards, *check_movement(graded.customers, job.rubric.guardrails), *check_newer(run.as_of, current_as_of(job))]
    job.on_stage("write")
    return keep_run(run, plan, graded, guards)


def _too_large(metrics: list[str]) -> InputError:
    """Without metrics it was a rounding, inside a condition or of a cut, that outgrew its 64 bits."""
    what = "is too large for exact numbers"
    what = f"a metric {what}: {listed([f'`{name}`' for name in metrics])}" if metrics else f"a number in a condition or a cut {what}"
    cure = "check the unit of the amounts; in a quotient of quotients round each first: round(x, 4)"
    return InputError(Problem("CT6402", what, help=cure))

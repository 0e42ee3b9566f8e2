"""The end of a run: kept whole in the store, then published, held or left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from custier import store as stores
from custier.beside import beside
from custier.frames import Frame
from custier.guard import check_newer, check_undone
from custier.pipeline.checks import check_run
from custier.pipeline.copies import copy_flat
from custier.pipeline.engine import Graded
from custier.pipeline.keep import Run, write_failed, write_run
from custier.pipeline.population import drop_rows
from custier.pipeline.request import Job
from custier.pipeline.tell import summarise
from custier.store import Store
from custier.stored import read_summary
from custier.tally import tally
from custier.values import Guard, Summary

PUBLISHED = ("published", "already current", "already published")


def keep_run(run: Run, graded: Graded, scratch: Path) -> Summary:
    """Writes a graded run, and publishes it unless a guardrail holds it or the request says not to."""
    if run.job.request.dry_run or run.job.store is None:
        return _told(run, graded, graded.write(scratch))
    with stores.staging(run.job.store, run.run_id) as directory:
        customers = graded.write(directory)
        drop_rows(run.gathered)
        digests = beside(stores.sha256_of, sorted(path for path in directory.iterdir() if path.is_file()))
        summary = _told(run, graded, customers)
        hashes = write_run(directory, run, summary, list(graded.cuts), digests)
        return _finish(run, run.job.store, summary, stores.seal(run.job.store, run.run_id, hashes))


def _told(run: Run, graded: Graded, customers: Frame) -> Summary:
    """What there is to say of customers that are written, and what becomes of the run."""
    request = run.job.request
    alike = tally(customers, run.job.rubric, run.gathered.plan)
    found, warnings = check_run(run, alike)
    guards = [*run.guards, *found, *_against_store(run)]
    held = any(g.held for g in guards)
    status = "dry-run" if request.dry_run else "held" if held else "published" if request.publish else "unpublished"
    summary = summarise(run, customers, alike, list(graded.cuts), guards, status, 3 if held else 0)
    return replace(summary, warnings=[*summary.warnings, *warnings])


def keep_failed(run: Run, summary: Summary) -> Summary:
    """Keeps what a run that failed its checks leaves: above all, its rejected rows."""
    if run.job.request.dry_run or run.job.store is None:
        return summary
    with stores.staging(run.job.store, run.run_id) as directory:
        hashes = write_failed(directory, run, summary)
        return _finish(run, run.job.store, summary, stores.seal(run.job.store, run.run_id, hashes))


def known_run(run: Run) -> Summary | None:
    """The stored answer when this very run was made before: a no-op, a run still held, or one to publish again."""
    job = run.job
    if job.store is None or job.request.dry_run or run.run_id not in stores.stored_runs(job.store):
        return None
    stores.require_whole(job.store, run.run_id)
    directory = stores.run_directory(job.store, run.run_id)
    summary = replace(read_summary(directory), directory=str(directory), files=run.gathered.files)
    if run.run_id in stores.chain(job.store):
        status = "already current" if run.run_id == job.base else "already published"
        return _flat(run, replace(summary, status=status, exit_code=0))
    found = _against_store(run)
    if found or summary.status == "held":
        of_the_run = [guard for guard in summary.guards if guard.name not in {guard.name for guard in found}]
        return _flat(run, replace(summary, status="held", exit_code=3, guards=[*of_the_run, *found]))
    if not job.request.publish:
        return _flat(run, replace(summary, status="unpublished", exit_code=0))
    return _finish(run, job.store, replace(summary, status="published", exit_code=0), directory)


def _against_store(run: Run) -> list[Guard]:
    """What stands in the way of a run in the store as it is now: a newer run is current, or a person rolled this one back."""
    undone = None if run.job.store is None else stores.undone(run.job.store, run.run_id)
    return [*check_newer(run.as_of, current_as_of(run.job)), *check_undone(undone)]


def current_as_of(job: Job) -> str | None:
    """The as-of date of the run that is current, None before the first."""
    if job.store is None or job.base is None:
        return None
    return str(stores.read_manifest(job.store, job.base)["stable"]["as_of"])


def _finish(run: Run, store: Store, summary: Summary, directory: Path) -> Summary:
    """Publishes a run that was sealed or found whole just now, where it is to be."""
    request = run.job.request
    if summary.status == "published":
        who, at, base = stores.user_name(), request.now, run.job.base
        told = stores.publish(store, run.run_id, base=base, reason="classified", who=who, at=at, is_whole=True)
        summary = replace(summary, warnings=[*summary.warnings, *(problem.what for problem in told)])
    return _flat(run, replace(summary, directory=str(directory)))


_LATER = "the run is not published; once it is, the same command again makes the copies"


def _flat(run: Run, summary: Summary) -> Summary:
    """Copies what is published to where the request wants it; what is not published stays in the store, and is said to."""
    out = run.job.request.out
    if out is None or summary.directory is None:
        return summary
    if summary.status not in PUBLISHED:
        return replace(summary, warnings=[*summary.warnings, f"nothing was copied to {out}: {_LATER}"])
    return copy_flat(run, summary)

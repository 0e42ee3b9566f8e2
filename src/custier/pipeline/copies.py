"""The flat copies of a published run: as it is kept, or under pseudonyms."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from custier.errors import OutputError, Problem, UsageError
from custier.lang.headings import headings
from custier.pipeline.keep import Run
from custier.pipeline.request import Request
from custier.pseudonyms import Key
from custier.rubric.points import from_rule
from custier.values import Pseudonyms, Summary
from custier.write import copy_out, write_json
from custier.write.shared import write_shared

FLAT = ("changes.csv", "actions.csv", "rejected.csv", "summary.json")


def refuse_mixed_copies(request: Request) -> None:
    """UsageError (CT1965) where the folder for copies holds some of another kind: with real ids, or under another key."""
    wanted = request.pseudonyms.id if request.pseudonyms is not None else None
    if request.out is None or not (request.out / "summary.json").is_file():
        return
    try:
        found = json.loads((request.out / "summary.json").read_bytes()).get("pseudonyms")
        there = found and found["key_id"]
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        there = None
    if there != wanted:
        named = {True: f"pseudonyms of the key {there}", False: "the ids of customers as they are"}[bool(there)]
        cure = "name another folder with --out, so that nobody can lay the one beside the other"
        raise UsageError(Problem("CT1965", f"the folder holds copies with {named}", str(request.out), cure))


def copy_flat(run: Run, summary: Summary) -> Summary:
    """Puts copies of a published run where the request wants them; raises OutputError."""
    request = run.job.request
    if request.out is None or summary.directory is None:
        return summary
    names, kept = [*(f"labels.{kind}" for kind in request.formats), *FLAT], Path(summary.directory)
    try:
        if request.pseudonyms is None:
            copy_out(kept, request.out, names, _headings(run))
            return replace(summary, out=str(request.out))
        return _pseudonymised(run, summary, kept, names, request.pseudonyms, request.out)
    except OutputError as error:
        raise OutputError(error.problems, state=f"{summary.run_id} is {summary.status}; only its copies are missing.") from error


def _pseudonymised(run: Run, summary: Summary, kept: Path, names: list[str], key: Key, out: Path) -> Summary:
    assert run.job.store is not None
    with tempfile.TemporaryDirectory(dir=run.job.store.staging, prefix="shared-") as name:
        shared = Path(name)
        left_out = write_shared(kept, shared, key, run.job.rubric.segments, _tells_of_texts(run, summary))
        told = replace(summary, out=str(out), pseudonyms=Pseudonyms(key.id, left_out))
        write_json(_for_others(told, key), shared / "summary.json")
        copy_out(shared, out, names, _headings(run))
    return told


def _tells_of_texts(run: Run, summary: Summary) -> tuple[str, ...]:
    """The cause of a move names what it came from: a text of the data, where a rubric grades by one or cuts within one."""
    by_text = any(planned.kind.type == "text" for planned in run.gathered.plan.metrics.values())
    return ("cause",) if by_text or any(cut.group is not None for cut in summary.cuts) else ()


def _for_others(summary: Summary, key: Key) -> Summary:
    """The figures alone: no place on this machine, no text of the data, and no warning, since one may name a group."""
    cuts = [cut if cut.group is None else replace(cut, group=key.pseudonym(cut.group)) for cut in summary.cuts]
    files = [replace(file, path=file.name) for file in summary.files]
    return replace(summary, cuts=cuts, files=files, warnings=[], directory=None, out=None)


def _headings(run: Run) -> Callable[[list[str]], list[str]]:
    """What the columns of the copies are called in the language that was asked for."""
    rubric = run.job.rubric
    titles = {name: metric.title.zh for name, metric in rubric.metrics.items() if metric.title is not None and metric.title.zh}
    earn = rubric.points.earn if rubric.points is not None else []
    titles |= {from_rule(rule.name): f"积分：{rule.title.zh or rule.title.en if rule.title is not None else rule.name}" for rule in earn}
    return lambda names: headings(run.job.request.lang, names, titles)

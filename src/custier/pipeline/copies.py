"""The flat copies of a published run: as it is kept, or under pseudonyms."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from custier import store as stores
from custier.errors import OutputError, Problem, UsageError
from custier.lang import Lang
from custier.lang.headings import headings
from custier.pipeline.keep import Run
from custier.pipeline.request import FORMATS, USUAL_FORMATS
from custier.pseudonyms import Key
from custier.rubric.load import load_rubric
from custier.rubric.model import Rubric
from custier.rubric.points import from_rule
from custier.store import Store
from custier.values import Pseudonyms, Summary
from custier.write import copy_out, write_json
from custier.write.shared import write_shared

FLAT = ("changes.csv", "actions.csv", "rejected.csv", "summary.json")


@dataclass(frozen=True)
class Copies:
    """What is copied where: of a run of this rubric in this store, labels in these formats, under pseudonyms where there is a key."""

    out: Path
    formats: tuple[str, ...]
    key: Key | None
    lang: Lang
    rubric: Rubric
    store: Store
    by_text: bool  # whether a metric is a text of the data

    @property
    def names(self) -> list[str]:
        return [*(f"labels.{kind}" for kind in self.formats), *FLAT]


def refuse_mixed_copies(out: Path | None, key: Key | None) -> None:
    """UsageError (CT1965) where the folder for copies holds some of another kind: with real ids, or under another key."""
    wanted = key.id if key is not None else None
    if out is None or not (out / "summary.json").is_file():
        return
    try:
        found = json.loads((out / "summary.json").read_bytes()).get("pseudonyms")
        there = found and found["key_id"]
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        there = None
    if there != wanted:
        named = {True: f"pseudonyms of the key {there}", False: "the ids of customers as they are"}[bool(there)]
        cure = "name another folder with --out, so that nobody can lay the one beside the other"
        raise UsageError(Problem("CT1965", f"the folder holds copies with {named}", str(out), cure))


def copy_flat(run: Run, summary: Summary) -> Summary:
    """Puts copies of a published run where the request wants them; raises OutputError."""
    request, store = run.job.request, run.job.store
    if request.out is None or summary.directory is None or store is None:
        return summary
    by_text = any(planned.kind.type == "text" for planned in run.gathered.plan.metrics.values())
    return _copied(Copies(request.out, request.formats, request.pseudonyms, request.lang, run.job.rubric, store, by_text), summary)


def copy_stored(store: Store, run: str, summary: Summary, out: Path, formats: tuple[str, ...], key: Key | None, lang: Lang) -> Summary:
    """The same of a stored run. Raises StoreError where it is damaged, UsageError where the folder holds copies of another kind."""
    stores.require_whole(store, run)
    refuse_mixed_copies(out, key)
    directory = stores.run_directory(store, run)
    metrics = stores.read_manifest(store, run)["stable"]["metrics"].values()
    rubric, there = load_rubric(directory / "rubric.yaml").rubric, tuple(kind for kind in FORMATS if (out / f"labels.{kind}").exists())
    copies = Copies(out, formats or there or USUAL_FORMATS, key, lang, rubric, store, any(kind["type"] == "text" for kind in metrics))
    return _copied(copies, replace(summary, directory=str(directory)))


def _copied(copies: Copies, summary: Summary) -> Summary:
    kept = Path(str(summary.directory))
    try:
        if copies.key is None:
            copy_out(kept, copies.out, copies.names, _headings(copies))
            return replace(summary, out=str(copies.out))
        return _pseudonymised(copies, summary, kept, copies.key)
    except OutputError as error:
        raise OutputError(error.problems, state=f"{summary.run_id} is {summary.status}; only its copies are missing.") from error


def _pseudonymised(copies: Copies, summary: Summary, kept: Path, key: Key) -> Summary:
    with tempfile.TemporaryDirectory(dir=copies.store.staging, prefix="shared-") as name:
        shared = Path(name)
        left_out = write_shared(kept, shared, key, copies.rubric.segments, _tells_of_texts(copies, summary))
        told = replace(summary, out=str(copies.out), pseudonyms=Pseudonyms(key.id, left_out))
        write_json(_for_others(told, key), shared / "summary.json")
        copy_out(shared, copies.out, copies.names, _headings(copies))
    return told


def _tells_of_texts(copies: Copies, summary: Summary) -> tuple[str, ...]:
    """The cause of a move names what it came from: a text of the data, where a rubric grades by one or cuts within one."""
    return ("cause",) if copies.by_text or any(cut.group is not None for cut in summary.cuts) else ()


def _for_others(summary: Summary, key: Key) -> Summary:
    """The figures alone: no place on this machine, no text of the data, and no warning, since one may name a group."""
    cuts = [cut if cut.group is None else replace(cut, group=key.pseudonym(cut.group)) for cut in summary.cuts]
    files = [replace(file, path=file.name) for file in summary.files]
    return replace(summary, cuts=cuts, files=files, warnings=[], directory=None, out=None)


def _headings(copies: Copies) -> Callable[[list[str]], list[str]]:
    """What the columns of the copies are called in the language that was asked for."""
    rubric = copies.rubric
    titles = {name: metric.title.zh for name, metric in rubric.metrics.items() if metric.title is not None and metric.title.zh}
    earn = rubric.points.earn if rubric.points is not None else []
    titles |= {from_rule(rule.name): f"积分：{rule.title.zh or rule.title.en if rule.title is not None else rule.name}" for rule in earn}
    return lambda names: headings(copies.lang, names, titles)

"""custier runs | show | publish | rollback | verify"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custier.cli.options import DEFAULT_STORE, Json, Lang, RubricName, Run, Store, language, usage
from custier.errors import Problem, StoreError, in_number
from custier.show.out import say, tell

if TYPE_CHECKING:
    from custier import store as stores
    from custier.values import Summary

Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="why; it is kept in the store's log", show_default=False)]


def runs(store: Store = DEFAULT_STORE, rubric: RubricName = None, lang: Lang = None, as_json: Json = False) -> int:
    """List the runs, newest first, and which one is current; then what failed."""
    from custier.show.print import print_runs
    from custier.store import find_store, list_failures, list_runs

    said_in, found = language(lang), find_store(store, rubric, failed=True)
    print_runs(list_runs(found), list_failures(found), as_json=as_json, lang=said_in)
    return 0


def show(
    run: Annotated[
        str | None, typer.Argument(metavar="RUN", help="a run id or the start of one; otherwise the current run", show_default=False)
    ] = None,
    store: Store = DEFAULT_STORE,
    rubric: RubricName = None,
    lang: Lang = None,
    as_json: Json = False,
) -> int:
    """Show the summary of a run again."""
    from custier.show.print import print_summary
    from custier.store import find_store, resolve_run

    said_in, found = language(lang), find_store(store, rubric)
    print_summary(stored_summary(found, resolve_run(found, run)), as_json=as_json, lang=said_in)
    return 0


def publish(run: Run, reason: Reason, store: Store = DEFAULT_STORE, rubric: RubricName = None, as_json: Json = False) -> int:
    """Publish a run that was held or not published, as it is."""
    from custier import store as stores

    _require_words(reason)
    found = stores.find_store(store, rubric)
    with stores.locked(found, f"publish {run}"):
        run_id, before = stores.resolve_run(found, run, prefer_published=False), stores.readable_current(found)
        base = stores.base_of(stores.read_manifest(found, run_id))
        warnings = stores.publish(found, run_id, base=base, reason=reason, who=stores.user_name(), at=datetime.now(UTC))
    if run_id != before and not as_json:
        tell("its copies for --out: run the same `custier classify` again\n")
    return _done(f"{run_id} is {'already current' if run_id == before else 'published'}", {"run": run_id}, warnings, as_json)


def rollback(
    run: Annotated[
        str | None, typer.Argument(metavar="RUN", help="otherwise the run that the last publication replaced", show_default=False)
    ] = None,
    reason: Reason = "rolled back",
    store: Store = DEFAULT_STORE,
    rubric: RubricName = None,
    as_json: Json = False,
) -> int:
    """Undo the last publication, or go to a published run.

    Without RUN, the run that was current before the last publication is current again. With RUN, that run is, be it
    earlier or later than the current one: so a rollback is undone too.
    """
    from custier import store as stores

    _require_words(reason)
    found = stores.find_store(store, rubric)
    with stores.locked(found, "rollback"):
        before = stores.readable_current(found)
        warnings = stores.rollback(found, run, reason=reason, who=stores.user_name(), at=datetime.now(UTC))
        run_id = stores.resolve_run(found)
    said = _went_back(run_id, before, named=run is not None)
    if before not in (None, run_id) and not as_json:
        back = stores.command(found, "copy --out DIR")
        tell(f"copies that `classify --out DIR` made are as they were; to have those of {run_id} there:\n    {back}\n")
    return _done(said, {"run": run_id, "before": before}, warnings, as_json)


def _went_back(run_id: str, before: str | None, *, named: bool) -> str:
    if before == run_id:
        return f"{run_id} is already current"
    if before is None:
        return f"{run_id} is current again"
    return f"{run_id} is current again in place of {before}" if named else f"{before} is undone, {run_id} is current again"


def verify(
    run: Annotated[
        str | None, typer.Argument(metavar="RUN", help="a run id or the start of one; otherwise the current run", show_default=False)
    ] = None,
    chain: Annotated[bool, typer.Option("--chain", help="check every published run, and that each builds on the one before it")] = False,
    recompute: Annotated[bool, typer.Option("--recompute", help="also classify the run's files again and compare byte for byte")] = False,
    store: Store = DEFAULT_STORE,
    rubric: RubricName = None,
    as_json: Json = False,
) -> int:
    """Check that a run is still what was written."""
    from custier.store import find_store, resolve_run, verify_run

    found = find_store(store, rubric)
    if chain:
        return _verify_chain(found, run, recompute, as_json)
    run_id = resolve_run(found, run)
    if problems := verify_run(found, run_id):
        raise StoreError(problems, state="Nothing was changed.")
    if not recompute:
        return _done(f"{run_id} is whole", {"run": run_id}, [], as_json)
    from custier.pipeline.recompute import recompute as computed

    files = computed(found, run_id)
    return _done(f"{run_id} is whole, and comes out again: {', '.join(files)}", {"run": run_id, "recomputed": files}, [], as_json)


def _verify_chain(store: stores.Store, run: str | None, recompute: bool, as_json: bool) -> int:
    if run is not None or recompute:
        raise usage("--chain checks every published run", "--chain", "name no RUN and no --recompute beside it")
    from custier.store import verify_chain

    runs, problems = verify_chain(store)
    if problems:
        raise StoreError(problems, state="Nothing was changed.")
    back = f", back to {runs[-1]}" if len(runs) > 1 else ""
    said = f"{in_number(len(runs), 'published run', 'published runs')}, each whole and built on the one before it{back}"
    return _done(said if runs else "nothing is published yet", {"runs": runs}, [], as_json)


def _require_words(reason: str) -> None:
    if not reason.strip():
        raise usage("the reason is empty", "--reason", "say in a few words why; it is kept in the store's log")


def _done(said: str, fields: dict[str, Any], warnings: list[Problem], as_json: bool) -> int:
    from custier.show.as_json import json_text

    say(json_text({"ok": True, **fields, "warnings": warnings}) + "\n" if as_json else f"{said}\n")
    tell("".join(f"warning: {warning.what}\nhelp: {warning.help}\n" for warning in warnings))
    return 0


def stored_summary(store: stores.Store, run_id: str) -> Summary:
    """The summary of a run with its place and what became of it since."""
    from custier.store import list_runs, run_directory
    from custier.stored import read_summary

    directory = run_directory(store, run_id)
    try:
        summary = read_summary(directory)
    except (OSError, ValueError):
        cure = f"custier verify {run_id} tells what is damaged"
        problem = Problem("CT5901", "the summary of the run cannot be read", str(directory / "summary.json"), cure)
        raise StoreError(problem, state="Nothing was changed.") from None
    status = next((row.status for row in list_runs(store) if row.run_id == run_id), summary.status)
    return replace(summary, status=status, directory=str(directory))

"""custier prune"""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Annotated

import typer

from custier.cli.options import DEFAULT_STORE, Json, RubricName, Store, usage, whole_number
from custier.errors import in_number, listed
from custier.show.out import say, tell

if TYPE_CHECKING:
    from custier.pipeline.prune import Pruned

UNITS = ("bytes", "kB", "MB", "GB", "TB")


def prune(
    keep: Annotated[
        str | None,
        typer.Option("--keep", metavar="N", help="keep the N last published runs, and what they replaced", show_default=False),
    ] = None,
    older_than: Annotated[
        str | None,
        typer.Option("--older-than", metavar="TIME", help='remove only what was made before, such as "24 months"', show_default=False),
    ] = None,
    held: Annotated[bool, typer.Option("--held", help="also runs that were held or not published")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would go, and remove nothing")] = False,
    store: Store = DEFAULT_STORE,
    rubric: RubricName = None,
    as_json: Json = False,
) -> int:
    """Remove old runs from the store.

    The current run, the one that it was compared with and the one that it replaced always stay. Failed runs go once a later one is
    published.
    """
    if keep is None and older_than is None:
        raise usage("nothing says which runs may go", "--keep", 'write --keep 24, or --older-than "24 months"')
    if keep is not None and not whole_number(keep, "--keep"):
        raise usage("the current run always stays", "--keep", "write --keep 1 or more")
    from custier.pipeline.prune import prune_store
    from custier.store import Keep, find_store

    asked = Keep(None if keep is None else whole_number(keep, "--keep"), _since(older_than), held)
    pruned = prune_store(find_store(store, rubric), asked, dry_run=dry_run, now=datetime.now(UTC))
    _say(pruned, dry_run, as_json)
    return 0


def _since(text: str | None) -> datetime | None:
    if text is None:
        return None
    from custier.rubric.window import length

    try:
        day = length(text).before(datetime.now(UTC).astimezone().date())
    except ValueError as error:
        raise usage(f"`{text}` {error}", "--older-than", 'write --older-than "24 months"') from None
    return datetime.combine(day, time()).astimezone()


def _say(pruned: Pruned, dry_run: bool, as_json: bool) -> None:
    from custier.show.as_json import json_text

    plan = pruned.plan
    if as_json:
        runs = {"removed": [row.run_id for row in plan.goes], "failures": [failure.id for failure in plan.failures]}
        waiting = [row.run_id for row in plan.waiting]
        say(json_text({"ok": True, "dry_run": dry_run, **runs, "waiting": waiting, "bytes": plan.bytes}) + "\n")
        return
    for row in plan.goes:
        say(f"{row.run_id}  {row.status}\n")
    verb = "would be removed" if dry_run else "removed"
    counts = in_number(len(plan.goes), "run", "runs"), in_number(len(plan.failures), "log of a failure", "logs of failures")
    say(f"{' and '.join(counts)} {verb}, {_size(plan.bytes)}\n")
    if plan.waiting:
        named = listed([row.run_id for row in plan.waiting])
        tell(f"stay, since nobody decided on them: {named}; --held removes them too\n")
    if pruned.counted_back:
        tell(f"published runs stay: {listed(list(pruned.counted_back))} counts back through all of them\n")


def _size(count: float) -> str:
    for unit in UNITS:
        if count < 1000 or unit == UNITS[-1]:
            break
        count /= 1000
    return f"{count:.0f} {unit}"

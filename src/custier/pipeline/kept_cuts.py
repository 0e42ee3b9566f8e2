"""Where an earlier run cut the population, for a run that keeps to that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from custier.errors import Problem, UsageError
from custier.places import cut_key
from custier.rubric.model import Rubric
from custier.rubric.plan import Plan
from custier.store import Store, read_manifest, resolve_run
from custier.tier.slices import Slice, slices
from custier.values import Cut

NEW = "new"
"""Asks for new cuts whatever the rubric says."""
CURE = "name a run of the same slices, in the same unit; or `--cuts new`, which cuts this population"


@dataclass(frozen=True)
class KeptCuts:
    """The run whose cuts are kept, what it holds, and the cuts."""

    run: str
    content_id: str
    cuts: Sequence[Cut]


def find_kept_cuts(store: Store | None, wanted: str | None, rubric: Rubric, plan: Plan) -> KeptCuts | None:
    """The cuts of the run that the request or the rubric names, None where this population is to be cut.

    Raises NotFoundError for a run that is not there, UsageError (CT1941) for one that was not cut alike.
    """
    named = rubric.cuts.run if wanted is None and rubric.cuts is not None else wanted
    if named is None or named == NEW:
        return None
    where = "--cuts" if wanted is not None else "cuts.from"
    asked = list(slices(rubric))
    if store is None or not asked:
        what = f"there is no store that could hold the run {named}" if store is None else f"no tier of `{rubric.rubric}` is a slice"
        raise UsageError(Problem("CT1941", what, where, "leave the run out, so that this population is cut"))
    run = resolve_run(store, named)
    manifest = read_manifest(store, run)
    stable = manifest["stable"]
    if "cuts" not in stable:
        raise UsageError(Problem("CT1941", f"the run {run} failed its checks and cut nobody", where, CURE))
    cuts = TypeAdapter(list[Cut]).validate_python(stable["cuts"])
    differences = [] if stable["currency"] == rubric.currency else [f"its money is {stable['currency']}, not {rubric.currency}"]
    differences += [what for s in asked for what in _differences(s, cuts, plan)]
    if differences:
        raise UsageError([Problem("CT1941", f"the cuts of {run} do not fit: {what}", where, CURE) for what in differences])
    return KeptCuts(run, manifest["content_id"], [replace(cut, cut_by=run) for cut in cuts])


def _differences(asked: Slice, cuts: Sequence[Cut], plan: Plan) -> Iterator[str]:
    """How the tier was cut otherwise than it is now."""
    cut = next((cut for cut in cuts if cut.tier == asked.tier.name), None)
    if cut is None:
        yield f"it has none for the tier `{asked.tier.name}`"
        return
    now = _words(asked.asked, asked.by, asked.within, asked.tier.ties)
    was = _words(cut.asked, cut.by, cut.within, cut.ties)
    if was != now:
        yield f"`{cut.tier}` is {was} there, and {now} here"
    elif cut.den != 10 ** cut_key(plan, asked.by).scale:
        yield f"`{cut.by}` has another number of decimals there"


def _words(asked: str, by: str, within: str | None, ties: str) -> str:
    return f"{asked} by {by}{f' within {within}' if within else ''}, ties {ties}"

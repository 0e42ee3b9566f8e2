"""The first rubric for exports that nobody has described: what they hold, what was asked, a file, and the next command."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from custier.errors import Problem, UsageError
from custier.init.asked import Asked, Started
from custier.init.like import PLACES, fitting_rubric
from custier.init.rubric_text import Draft, rubric_text
from custier.init.trial import tried
from custier.pipeline.request import require_sources
from custier.propose.amounts import quantity_by_price
from custier.propose.mapping import Why, find_column
from custier.propose.opened import Opened
from custier.propose.questions import STATE, Ask, settled
from custier.propose.seen import seen_columns
from custier.propose.source import Proposal, currency_of
from custier.propose.tables import open_tables
from custier.propose.told import AS_TOLD
from custier.rubric.load import load_rubric, resolved_text
from custier.rubric.model import Rubric
from custier.rubric.wanted import wanted_columns
from custier.show.command_line import command, said_anew, without
from custier.store.disk import whole_file
from custier.values import Summary

__all__ = ["Asked", "Started", "start_rubric"]


def start_rubric(asked: Asked, ask: Ask = lambda _: None) -> Started:
    """Looks, asks, writes the rubric and tries it; raises InputError (CT20xx–CT22xx), RubricError, UsageError (CT1951 and others)."""
    with tempfile.TemporaryDirectory(prefix="custier-") as scratch:
        tables, looked = open_tables(asked.looked, Path(scratch), ask)
        asked = replace(asked, looked=looked)
        like, why = (
            (asked.like, Why("as told on the command line")) if asked.like else fitting_rubric(tables, _columns_there(tables, asked))
        )
        base = load_rubric(like).rubric
        path = asked.out or Path(f"{_name(base, None)}.yaml")
        _refuse_to_overwrite(path, asked.force)
        require_sources(tables, base)
        wanted = {name: _wanted(base, name) for name in tables}
        proposals = settled(tables, wanted, base.rubric, asked.looked, ask)
    _ = [proposal.spec for proposal in proposals]  # what no rubric may say is refused at its option, not at a line of a file
    draft = _draft(base, like, why, proposals, path, asked)
    trial = tried(rubric_text(draft), asked, path.parent)
    with whole_file(path) as file:
        file.write(rubric_text(draft, trial.tiers).encode())
    return Started(
        path, draft.name, like, why, tuple(proposals), draft.currency, trial, _by_places(trial, like, proposals, asked), _steps(path, asked)
    )


def _wanted(base: Rubric, source: str) -> dict[str, bool]:
    """The columns of a source, and whether a file must have them."""
    declared = base.sources[source].columns
    return {c: must and not (c in declared and declared[c].optional) for c, must in wanted_columns(base, source).items()}


def _columns_there(tables: Mapping[str, Opened], asked: Asked) -> set[str]:
    """The columns of the transactions that a rubric may be chosen by."""
    if "transactions" not in tables:
        return set()
    columns, told = seen_columns(tables["transactions"]), asked.looked.of("transactions").columns
    found = {c for c in ("amount", "category") if c in told or find_column("transactions", c, columns) is not None}
    return found | ({"amount"} if quantity_by_price(columns) else set())


def _draft(base: Rubric, like: str, why: Why, proposals: list[Proposal], path: Path, asked: Asked) -> Draft:
    resolved: dict[str, Any] = yaml.safe_load(resolved_text(base))
    title = resolved.get("title") or {"en": base.rubric}
    decimals = max([base.currency_decimals, *(p.decimals for p in proposals)])
    extends = like if not like.endswith((".yaml", ".yml")) else str(Path(like).resolve())
    return Draft(
        _name(base, asked.out), extends, why, title, proposals, _currency(proposals, base, asked), decimals, resolved["tiers"], asked.lang
    )


def _name(base: Rubric, out: Path | None) -> str:
    """After the file, so that two exports share no store; where that has no letters a to z, after the rubric it extends."""
    slug = re.sub(r"[^a-z0-9]+", "-", (out.stem if out else "").casefold()).strip("-")
    return (slug or f"my-{base.rubric}")[:63]


def _currency(proposals: list[Proposal], base: Rubric, asked: Asked) -> tuple[str, Why]:
    """The currency that somebody or the cells say, else that of the rubric."""
    if asked.currency:
        return asked.currency, AS_TOLD
    found = next((code for p in proposals if (code := currency_of(p))), None)
    said = Why("taken from {like}, for the files do not say theirs; to say it: --currency CODE", {"like": base.rubric})
    return (found, Why("the amounts have its sign")) if found else (base.currency, said)


def _refuse_to_overwrite(path: Path, force: bool) -> None:
    if not path.parent.is_dir():
        raise UsageError(
            Problem("CT1900", "there is no such folder", str(path.parent), "make it first, or name another: --out FILE"), state=STATE
        )
    if path.exists() and not force:
        what, cure = "the file is there already", "name another with --out FILE, or replace it with --force"
        raise UsageError(Problem("CT1951", what, str(path), cure), state=STATE)


def _by_places(trial: Summary, like: str, proposals: Sequence[Proposal], asked: Asked) -> str | None:
    """The command for a rubric of places, where the amounts of this one leave a tier empty or everybody in one."""
    shares = [tier.customer_share for tier in trial.tiers]
    has_amount = any(choice.column == "amount" for proposal in proposals for choice in proposal.choices)
    if like == PLACES or not has_amount or not shares or all(0 < share < 1 for share in shares):
        return None
    return said_anew(without(asked.looked.words, ("--out",)), "--like", PLACES)


def _steps(path: Path, asked: Asked) -> tuple[str, ...]:
    inputs = asked.looked.sources.get("transactions", ())
    others = [
        word
        for name, paths in asked.looked.sources.items()
        if name != "transactions"
        for p in paths
        for word in ("--source", f"{name}={p}")
    ]
    file = str(path)
    return command("rubric", "check", file), command(
        "classify",
        *inputs,
        *others,
        "--rubric",
        file,
        *(["--lang", asked.lang] if any(w.startswith("--lang") for w in asked.looked.words) else []),
    )

"""Pages and JSON, each written to where it belongs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from custier.errors import CustierError
from custier.show.as_json import error_object, fields_of, json_text
from custier.show.explanation import explanation_text
from custier.show.look import Look, look_of
from custier.show.out import say, tell
from custier.show.problems import problems_text
from custier.show.runs import runs_text
from custier.show.summary import summary_text
from custier.show.verdict import verdict
from custier.values import Explanation, Summary


def print_run(summary: Summary, *, quiet: bool, as_json: bool) -> None:
    """The summary on stdout; on stderr, why it was not published."""
    error = verdict(summary)
    if as_json:
        print_json({"ok": error is None, **({"error": error_object(error)} if error else {}), **fields_of(summary)})
    elif not quiet:
        say(summary_text(summary, _stdout()))
    if error:
        tell_error(error)


def print_summary(summary: Summary, *, as_json: bool) -> None:
    """The summary of a stored run."""
    print_json({"ok": True, **fields_of(summary)}) if as_json else say(summary_text(summary, _stdout()))


def print_explanation(explanation: Explanation, *, as_json: bool) -> None:
    print_json({"ok": True, **fields_of(explanation)}) if as_json else say(explanation_text(explanation, _stdout()))


def print_runs(runs: Sequence[Any], *, as_json: bool) -> None:
    print_json({"ok": True, "runs": runs}) if as_json else say(runs_text(runs, _stdout()))


def print_json(value: Any) -> None:
    say(json_text(value) + "\n")


def tell_error(error: CustierError) -> None:
    if sys.stderr is not None:
        tell("\n" + problems_text(error, look_of(sys.stderr)))


def _stdout() -> Look:
    return look_of(sys.stdout) if sys.stdout is not None else Look()

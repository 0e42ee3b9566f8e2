"""Pages and JSON, each written to where it belongs; what draws a page is imported when one is drawn."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from custier.errors import CustierError, Problem
from custier.lang import Lang
from custier.show.as_json import error_object, fields_of, json_text
from custier.show.out import say, tell
from custier.values import Explanation, Summary

if TYPE_CHECKING:
    from custier.init import Started
    from custier.profile import Profile
    from custier.rubric.differences import Difference
    from custier.rubric.model import Rubric
    from custier.show.look import Look


def print_run(summary: Summary, *, quiet: bool, as_json: bool, lang: Lang = "en") -> None:
    """The summary on stdout; on stderr, why it was not published."""
    from custier.show.verdict import verdict

    error = verdict(summary)
    if as_json:
        print_json({"ok": error is None, **({"error": error_object(error)} if error else {}), **fields_of(summary)})
    elif not quiet:
        print_summary(summary, as_json=False, lang=lang)
    if error:
        tell_error(error, quiet=quiet)


def print_summary(summary: Summary, *, as_json: bool, lang: Lang = "en") -> None:
    """The summary of a stored run."""
    if as_json:
        print_json({"ok": True, **fields_of(summary)})
        return
    from custier.show.summary import summary_text

    say(summary_text(summary, _stdout(lang)))


def print_explanation(explanation: Explanation, *, as_json: bool, lang: Lang = "en") -> None:
    if as_json:
        print_json({"ok": True, **fields_of(explanation)})
        return
    from custier.show.explanation import explanation_text

    say(explanation_text(explanation, _stdout(lang)))


def print_runs(runs: Sequence[Any], failures: Sequence[Any], *, as_json: bool, lang: Lang = "en") -> None:
    """The runs of a store, and those that failed before anything was kept."""
    if as_json:
        print_json({"ok": True, "runs": runs, "failures": failures})
        return
    from custier.show.runs import failures_text, runs_text

    look = _stdout(lang)
    say(runs_text(runs, look) + failures_text(failures, look))


def print_differences(was: Rubric, now: Rubric, found: Sequence[Difference], *, as_json: bool, lang: Lang = "en") -> None:
    """What differs between two rubrics."""
    if as_json:
        names = {key: {"rubric": rubric.rubric, "version": rubric.version} for key, rubric in (("was", was), ("now", now))}
        print_json({"ok": True, **names, "differences": found})
        return
    from custier.show.differences import differences_text

    look = _stdout(lang)
    old, new = (look.told("{rubric} version {version}", rubric=r.rubric, version=r.version) for r in (was, now))
    say(differences_text(old, new, found, look))


def print_started(started: Started, *, lang: Lang = "en") -> None:
    """What `init` found and wrote, and the next commands; on stderr, what fails when the rubric is tried."""
    from custier.show.started import started_text
    from custier.show.verdict import verdict

    say(started_text(started, _stdout(lang)))
    if error := verdict(started.trial):
        error.state = f"The rubric was written: {started.path}; a run with it would not be published."
        tell_error(error)


def print_profile(profile: Profile, *, as_json: bool, lang: Lang = "en") -> None:
    """What is in some exports, and whether grading is worth it."""
    if as_json:
        print_json({"ok": True, **fields_of(profile)})
        return
    from custier.show.profile import profile_text

    say(profile_text(profile, _stdout(lang)))


def print_json(value: Any) -> None:
    say(json_text(value) + "\n")


def tell_error(error: CustierError, *, quiet: bool = False, alone: bool = False) -> None:
    """Why a command failed, on stderr: in full, or as briefly as a mail. alone: nothing was said before it."""
    if sys.stderr is None:
        return
    if quiet:
        from custier.show.brief import brief_text

        tell(brief_text(error))
        return
    from custier.show.look import look_of
    from custier.show.problems import problems_text

    tell(("" if alone else "\n") + problems_text(error, look_of(sys.stderr)))


def tell_warnings(warnings: Sequence[Problem]) -> None:
    """What `rubric check` finds odd, on stderr."""
    if warnings and sys.stderr is not None:
        from custier.show.look import look_of
        from custier.show.problems import warnings_text

        tell("\n" + warnings_text(warnings, look_of(sys.stderr)))


def _stdout(lang: Lang) -> Look:
    from custier.show.look import Look, look_of

    return look_of(sys.stdout, lang=lang) if sys.stdout is not None else Look(lang=lang)

"""The files of every source, opened: as they were said to be written, as they say themselves, or as somebody answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import yaml

from custier.errors import InputError, Problem, UsageError, listed
from custier.propose.mapping import Question, Why
from custier.propose.opened import Opened, look_into
from custier.propose.questions import KEY_FLAGS, MOST_ROUNDS, STATE, Ask, Looked, key_of
from custier.propose.told import Key, Told
from custier.read import find_files
from custier.read.source import open_files
from custier.rubric.model import Source
from custier.show.command_line import said_anew

CURE = re.compile(r"sources: \{\w+: \{(\w+): (.+)\}\}")
"""How errors of files say what a rubric should declare; following it literally is what `init` does."""

OPTIONS = {**KEY_FLAGS, "--header-line": "header_line"}

CERTAIN = {"header_line": Why("titles stand above the header"), "separator": Why("the cells are cut alike by it")}
"""What is declared without asking: the file shows it."""


def open_tables(looked: Looked, scratch: Path, ask: Ask) -> tuple[dict[str, Opened], Looked]:
    """Source → its files, opened, and what was learned on the way; raises InputError (CT20xx, CT21xx, CT2201, CT2203)."""
    tables = {}
    for source, paths in looked.sources.items():
        tables[source], told = _opened(source, paths, looked, scratch, ask)
        looked = replace(looked, told={**looked.told, source: told})
    return tables, looked


def open_as(looked: Looked, spec: Source, scratch: Path) -> dict[str, Opened]:
    """The transactions, opened as a rubric says; raises InputError."""
    return {"transactions": _look(looked.sources["transactions"], "transactions", spec, scratch)}


def _opened(source: str, paths: tuple[str, ...], looked: Looked, scratch: Path, ask: Ask) -> tuple[Opened, Told]:
    told = looked.of(source)
    for _ in range(MOST_ROUNDS):
        try:
            return _of_a_workbook(_look(paths, source, told.opening, scratch), told), told
        except InputError as error:
            told = _learned(told, error, source, looked, ask)
    return _look(paths, source, told.opening, scratch), told


def _look(paths: tuple[str, ...], source: str, spec: Source, scratch: Path) -> Opened:
    exports = open_files(source, find_files(paths), scratch, spec)
    if odd := [e.not_a_header for e in exports if e.not_a_header]:
        raise InputError(odd)
    return look_into(exports)


def _of_a_workbook(opened: Opened, told: Told) -> Opened:
    """Raises UsageError where a sheet is told of files that have none."""
    texts = [e.file.name for e in opened.exports if e.file.sheet is None]
    if texts and told.opening.sheet is not None:
        raise UsageError(Problem("CT1900", f"{listed(texts)} has no sheets", "--sheet", "leave --sheet out; only workbooks have sheets"))
    return opened


def _learned(told: Told, error: InputError, source: str, looked: Looked, ask: Ask) -> Told:
    """What is known with the first cure of the error; raises it, with the option that says so, where somebody would have to answer."""
    known = {key.name for key in told.keys}
    if gainsaid := next(((flag, v) for n, v in _cures(error) for flag, key in OPTIONS.items() if key == n and key in known), None):
        raise InputError([_of_option(p, gainsaid[0], str(gainsaid[1]), looked) for p in error.problems], state=STATE)
    name, value = next(((n, v) for n, v in _cures(error) if n not in known), ("", None))
    if name in CERTAIN:
        return replace(told, keys=(*told.keys, Key(name, value, CERTAIN[name])))
    flag = next((flag for flag, key in KEY_FLAGS.items() if key == name), None)
    if flag is None:
        raise InputError(error.problems, state=STATE)
    option = ", ".join(value) if isinstance(value, list) else str(value)
    answer = ask(Question(name, flag, Why(error.problems[0].what), (option,)))
    if answer is None:
        cure = f"say it, such as: {said_anew(looked.words, flag, option)}"
        raise InputError([_with_cure(p, cure) for p in error.problems], state=STATE)
    return replace(told, keys=(*told.keys, key_of(flag, answer)))


def _of_option(problem: Problem, flag: str, value: str, looked: Looked) -> Problem:
    """The problem of a rubric that declares it otherwise, in the words of the command line."""
    what = re.sub(r"the rubric declares( it)?", f"{flag} says", problem.what)
    cure = f"leave {flag} out, or say what it is: {said_anew(looked.words, flag, value)}"
    return replace(_with_cure(problem, cure), what=what)


def _with_cure(problem: Problem, cure: str) -> Problem:
    return replace(problem, help=cure) if CURE.search(problem.help) else problem


def _cures(error: InputError) -> Iterator[tuple[str, object]]:
    for problem in error.problems:
        if found := CURE.search(problem.help):
            yield found[1], yaml.safe_load(found[2])

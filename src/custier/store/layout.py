"""Where everything of a store is: `<store>/<rubric>/{CURRENT,runs,.staging}`."""

from __future__ import annotations

import os
import re
import shlex
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from custier.errors import NotFoundError, OutputError, Problem, UsageError, listed, nearest
from custier.store.disk import private_directory, reading, saving

_RUN_ID = re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{12}")

USUAL = Path("custier-store")


@dataclass(frozen=True)
class Store:
    """The runs of one rubric."""

    root: Path
    rubric: str

    @property
    def home(self) -> Path:
        return self.root / self.rubric

    @property
    def pointer(self) -> Path:
        return self.home / "CURRENT"

    @property
    def runs(self) -> Path:
        return self.home / "runs"

    @property
    def staging(self) -> Path:
        return self.home / ".staging"

    @property
    def failures(self) -> Path:
        return self.home / "failures"

    @property
    def pruned(self) -> Path:
        return self.home / "pruned.jsonl"

    @property
    def publications(self) -> Path:
        return self.home / "publications.jsonl"


def open_store(root: Path, rubric: str) -> Store:
    """The store to write into, made where it is missing and tried before any data is read.

    The folder that holds `root` must exist: an unmounted disk should not become a new store on another one.
    Raises OutputError, or UsageError where `rubric` is no folder name.
    """
    if not rubric or Path(rubric).name != rubric or rubric.startswith("."):
        raise UsageError(Problem("CT5008", "the rubric's name cannot be the name of a folder", rubric, "rename the rubric"))
    store = Store(root, rubric)
    with saving(root):
        _usable_root(root)
    for folder in (store.home, store.runs, store.staging):
        with saving(folder):
            private_directory(folder)
    with saving(store.staging):
        _same_filesystem(store)
        with tempfile.TemporaryFile(dir=store.staging) as probe:
            probe.write(b"writable")
    return store


def _usable_root(root: Path) -> None:
    if not root.parent.is_dir():
        what = "the folder that should hold the store does not exist"
        raise OutputError(Problem("CT5005", what, str(root.parent), "create it (or mount its disk), or name another --store"))
    if root.exists() and not root.is_dir():
        raise OutputError(Problem("CT5004", "the store is a file, not a folder", str(root), "move it away or name another --store"))
    if not root.is_dir():
        private_directory(root)


def _same_filesystem(store: Store) -> None:
    if len({folder.stat().st_dev for folder in (store.home, store.runs, store.staging)}) > 1:
        what = "runs, .staging and CURRENT are on different filesystems, so a run cannot be renamed into place"
        raise OutputError(Problem("CT5006", what, str(store.home), "keep the whole store on one filesystem"))


def stored_rubrics(root: Path) -> list[str]:
    """The rubrics that have runs here, sorted."""
    if not root.is_dir():
        return []
    with reading(root):
        return sorted(folder.name for folder in root.iterdir() if (folder / "runs").is_dir() and _holds_a_run(Store(root, folder.name)))


def _holds_a_run(store: Store) -> bool:
    """Whether anything was ever kept: a run that was refused leaves an empty folder."""
    return os.path.lexists(store.pointer) or any(store.runs.iterdir())


def failed_rubrics(root: Path) -> list[str]:
    """The rubrics of which runs only ever failed before anything was kept, or were interrupted, sorted."""
    if not root.is_dir():
        return []
    with reading(root):
        return sorted(folder.name for folder in root.iterdir() if (folder / "failures").is_dir())


def find_store(root: Path, rubric: str | None = None, *, failed: bool = False) -> Store:
    """The store to read from; `rubric` may be left out where there is one.

    failed: also one in which nothing was ever kept, for who wants to see why. Raises NotFoundError that lists the rubrics there are.
    """
    known = stored_rubrics(root)
    if failed and (not known or (rubric is not None and rubric not in known)):
        known = sorted({*known, *failed_rubrics(root)})
    if not known:
        what = "the store holds no runs yet" if root.is_dir() else "there is no store here"
        raise NotFoundError(Problem("CT5502", what, str(root), "name it with --store, or run `custier classify` first"))
    if rubric is None and len(known) == 1:
        return Store(root, known[0])
    if rubric in known:
        return Store(root, rubric or "")
    raise NotFoundError(_which_rubric(root, rubric, known))


def _which_rubric(root: Path, rubric: str | None, known: list[str]) -> Problem:
    if rubric is None:
        return Problem("CT5502", "the store holds more than one rubric", str(root), f"add --rubric with one of {listed(known)}")
    near = nearest(rubric, known)
    cure = f"the nearest is {near}" if near else f"there is {listed(known)}"
    return Problem("CT5502", f"the store holds no runs of rubric `{rubric}`", str(root), cure)


def command(store: Store, words: str) -> str:
    """A command on this store as it is typed: `custier runs --store grades --rubric annual-spend`."""
    place = [] if store.root in (USUAL, Path.cwd() / USUAL) else ["--store", str(store.root)]
    return f"custier {words} {shlex.join([*place, '--rubric', store.rubric])}"


def run_id(as_of: date, key: str) -> str:
    """The name of a run: its as-of date and the first 12 hex digits of its key."""
    return f"{as_of.isoformat()}-{key[:12]}"


def is_run_id(text: str) -> bool:
    """Whether the text could name a run."""
    try:
        return _RUN_ID.fullmatch(text) is not None and date.fromisoformat(text[:10]) is not None
    except ValueError:
        return False


def stored_runs(store: Store) -> list[str]:
    """The ids of all runs that are whole on disk, sorted."""
    if not store.runs.is_dir():
        return []
    with reading(store.runs):
        return sorted(folder.name for folder in store.runs.iterdir() if is_run_id(folder.name) and folder.is_dir())


def run_directory(store: Store, run: str) -> Path:
    """The folder of one run. Raises NotFoundError with the nearest run there is."""
    if is_run_id(run) and (store.runs / run).is_dir():
        return store.runs / run
    raise NotFoundError(no_such_run(store, run))


def no_such_run(store: Store, run: str) -> Problem:
    """The problem to report for a run that is not in the store."""
    known = stored_runs(store)
    near = nearest(run, known)
    cure = f"the nearest is {near}" if near else f"see `{command(store, 'runs')}`" if known else "run `custier classify` first"
    return Problem("CT5501", f"there is no run `{run}`", str(store.home), cure)

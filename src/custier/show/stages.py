"""Which step a run is in and for how long, on a terminal only."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def stages(quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """A function to call with the name of each step as it begins; what it draws is gone when the run is done."""
    if quiet or sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _: None
        return
    from rich.console import Console  # drawn on a terminal only
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from custier.show.look import look_of
    from custier.show.safe import safe

    look = look_of(sys.stderr)
    console = Console(file=sys.stderr, width=look.width, no_color=not look.colour, markup=False, highlight=False, emoji=False)
    spinner = SpinnerColumn("dots" if look.unicode else "line")
    columns = (spinner, TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as progress:
        task = progress.add_task("", total=None)
        yield lambda stage: progress.reset(task, description=safe(stage))

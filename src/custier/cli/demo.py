"""custier demo"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from custier.show.out import say


def demo(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="where the sample exports and their store go")] = Path("custier-demo"),
) -> int:
    """Write sample exports and classify two months of them."""
    from custier.cli.boundary import run
    from custier.demo import write_demo
    from custier.show.command_line import command

    worst = 0
    for step in write_demo(directory):
        say(f"$ {command(*step)}\n\n")
        worst = run(step) or worst
        say("\n")
    return worst

"""custier help"""

from __future__ import annotations

import re
from typing import Annotated

import typer

from custier.cli.options import usage
from custier.errors import nearest
from custier.show.out import say

FAMILIES = {
    "CT1": "the rubric or the command line is wrong", "CT2": "a file cannot be read", "CT3": "rows cannot be used", "CT4": "a guardrail",
    "CT5": "the store and output", "CT6": "limits", "CT9": "bugs",
}  # fmt: skip


def show_page(
    code: Annotated[str | None, typer.Argument(metavar="CODE", help="an error code, or the start of one", show_default=False)] = None,
) -> int:
    """Print the page behind an error code."""
    from importlib.resources import files

    pages = {page.name.removesuffix(".md"): page for page in (files("custier") / "help").iterdir() if page.name.endswith(".md")}
    wanted = "" if code is None else re.sub(r"^ERROR\[(.*)\]$", r"\1", code.strip().upper())
    if wanted in pages:
        say(pages[wanted].read_text(encoding="utf-8"))
    elif not wanted:
        say("".join(f"{family}  {meaning} ({sum(p.startswith(family) for p in pages)} pages)\n" for family, meaning in FAMILIES.items()))
        say("\ncustier help CT2 lists a family, custier help CT2101 shows a page\n")
    elif found := sorted(p for p in pages if p.startswith(wanted) and wanted[:3] in FAMILIES):
        say("".join(pages[p].read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") + "\n" for p in found))
    else:
        near = nearest(wanted, pages)
        raise usage(
            f"`{code}` is not a code of custier", "CODE", f"the nearest code is {near}" if near else "custier help lists the families"
        )
    return 0

"""A rubric tried on the files it was made for, before anybody relies on it: graded, and nothing written."""

from __future__ import annotations

import tempfile
from pathlib import Path

from custier.errors import InputError
from custier.init.asked import Asked
from custier.pipeline import Request, classify_files
from custier.propose.questions import STATE
from custier.values import Summary


def tried(text: str, asked: Asked, beside: Path) -> Summary:
    """The summary of a dry run; raises CustierError as `classify` would. What the rubric extends is looked for from `beside`."""
    with tempfile.TemporaryDirectory(prefix="custier-") as scratch:
        file = Path(scratch) / "rubric.yaml"
        file.write_text(text, encoding="utf-8")
        request = Request(
            inputs=asked.looked.sources.get("transactions", ()),
            rubric=str(file),
            sources=tuple((name, path) for name, paths in asked.looked.sources.items() if name != "transactions" for path in paths),
            store=Path(scratch) / "store",
            today=asked.now.date(),
            now=asked.now,
            dry_run=True,
        )
        try:
            return classify_files(request)
        except InputError as error:
            raise InputError(error.problems, state=STATE) from None
